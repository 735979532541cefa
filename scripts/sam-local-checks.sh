# shellcheck shell=bash disable=SC2154
# The checks of Inlet under `sam local start-api`. The runner that has started it sources this file, and
# defines expect, body_has, messages, messages_have, clear_messages and invoke.

checks() {
    local json=(-H 'Content-Type: application/json')
    local key=(-u wk_local:)
    local track='{"type":"track","event":"Order Shipped","userId":"u-1","messageId":"m-1"}'

    # The authorizer's three outcomes.
    expect "no key is 401" 401 POST /v1/segment "${json[@]}" -d "$track"
    expect "a wrong key is 403" 403 POST /v1/segment "${json[@]}" -u wrong: -d "$track"
    messages "nothing refused was published" 0 0
    expect "the right key is 200" 200 POST /v1/segment "${json[@]}" "${key[@]}" -d "$track"
    messages "one message was published" 1 1
    messages_have "with the event's name" 'Order Shipped'

    clear_messages
    expect "a call with its key in the body" 200 POST /v1/track "${json[@]}" \
        -d '{"writeKey":"wk_local","event":"Order Paid","userId":"u-1"}'
    messages "one message more" 1 1

    clear_messages
    local items
    items=$(seq -s, 1 25 | sed 's/[0-9]*/{"type":"page","userId":"u","messageId":"b-&"}/g')
    expect "a batch of 25" 200 POST /v1/batch "${json[@]}" "${key[@]}" -d "{\"batch\":[$items]}"
    body_has "is accepted whole" '"accepted":25'
    messages "is published whole" 25 25

    clear_messages
    printf '%s' "$track" | gzip -c >"$WORK/track.gz"
    expect "a gzip body" 200 POST /v1/track "${json[@]}" "${key[@]}" \
        -H 'Content-Encoding: gzip' --data-binary "@$WORK/track.gz"
    messages "is published" 1 1

    clear_messages
    expect "an invalid call is 400" 400 POST /v1/track "${json[@]}" "${key[@]}" -d '{"event":"x"}'
    body_has "with its code" '"code":"no_user_anon_id"'
    messages "and is kept on the rejected topic" 1 1 Rejected

    expect "health" 200 GET /health
    expect "an unknown route is 404" 404 GET /no-such-route
    expect "another method is 405" 405 GET /v1/track
    expect "a pixel is 200" 200 GET '/v1/pixel/track?event=Opened&userId=u&writeKey=wk_local'

    printf '{"httpMethod":"GET","path":"/health"}' >"$WORK/health.json"
    invoke "sam local invoke" Ingest "$WORK/health.json" 'healthy'
}
