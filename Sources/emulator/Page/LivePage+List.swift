extension LivePage {
    /// The list, its filters, and the events that fill it.
    static let list = #"""
        const limit = 500, kinds = ["sender", "partner", "status", "outcome"];
        let rows = [], waiting = [], isPaused = false, chosen = null, isDue = false, lastEvent = null;
        const words = row => [row.id, row.method, row.path, row.status, row.sender, row.partner, row.outcome,
          row.code, ...row.messageIds].join(" ").toLowerCase();
        const wanted = () => ({ text: at("[data-action=search]").value.trim().toLowerCase(),
          values: kinds.map(kind => [kind, at(`[data-filter=${kind}]`).value]).filter(([, value]) => value) });
        const shows = (row, { text, values }) => values.every(([kind, value]) => String(row[kind]) === value)
          && (!text || row.words.includes(text));
        function draw(row) {
          row.words = words(row);
          row.node = make("li", { "data-request-id": row.id, "data-status": row.status,
            "data-sender": row.sender ?? "", role: "option", "aria-selected": "false", id: "row-" + row.id,
            onclick: () => open(row.id) },
            make("span", { class: "time" }, clock(row.time)),
            make("span", { class: "status " + mood(row) }, String(row.status)),
            make("span", {}, `${row.method} ${row.path}`),
            make("span", { class: "who" }, [row.partner, row.code ?? row.outcome].filter(Boolean).join(" · ")),
            make("span", { class: "wide soft" }, [row.sender, row.accepted ? `${row.accepted} ✓` : null,
              row.rejected ? `${row.rejected} ✗` : null].filter(Boolean).join(" ")),
            make("span", { class: "wide ms" }, `${row.milliseconds} ms`));
          return row.node;
        }
        /** Marks the row whose detail is open, for eyes and for screen readers. */
        function point() {
          const list = at("#list"), row = rows.find(row => row.id === chosen), last = at("[aria-selected=true]", list);
          if (last && last !== row?.node) last.setAttribute("aria-selected", "false");
          row?.node.setAttribute("aria-selected", "true");
          if (row) list.setAttribute("aria-activedescendant", row.node.id);
          else list.removeAttribute("aria-activedescendant");
        }
        function count() {
          at("#empty").hidden = rows.length > 0;
          const seen = rows.filter(row => !row.node.hidden).length;
          say(isPaused ? `paused, ${waiting.length} waiting` : seen === rows.length ? plural(seen, "request") :
            `${seen} of ${plural(rows.length, "request")}`);
        }
        function options() {
          for (const kind of kinds) {
            const select = at(`[data-filter=${kind}]`), wanted = select.value;
            const values = [...new Set(rows.map(row => row[kind]).filter(value => value !== null).map(String))].sort();
            if (wanted && !values.includes(wanted)) values.push(wanted);
            const known = [...select.options].slice(1).map(option => option.value);
            if (select.options.length && known.join("\n") === values.join("\n")) continue;
            select.replaceChildren(make("option", { value: "" }, "any " + kind),
              ...values.map(value => make("option", { value }, value)));
            select.value = wanted;
          }
        }
        function hide(some) { const asked = wanted(); for (const row of some) row.node.hidden = !shows(row, asked); }
        function filter() { hide(rows); count(); }
        function flush() {
          isDue = false;
          if (isPaused) return count();
          const known = new Set(rows.map(row => row.id));
          const fresh = waiting.splice(0).filter(row => !known.has(row.id)).reverse();
          rows = [...fresh, ...rows];
          at("#list").prepend(...fresh.map(draw));
          hide(fresh);
          for (const row of rows.splice(limit)) row.node.remove();
          if (fresh.length) point();
          options(); count(); moved();
        }
        function take(row) {
          waiting.push(row);
          if (waiting.length > limit) waiting.shift();
          if (!isDue) { isDue = true; setTimeout(flush, 60); }
        }
        async function load() {
          const all = await ask("requests?limit=" + limit);
          if (isPaused) return;
          waiting = []; rows = all;
          at("#list").replaceChildren(...rows.map(draw));
          hide(rows);
          point(); options(); count(); moved();
        }
        function listen() {
          const events = new EventSource("/_inlet/events");
          events.onopen = () => { lastEvent = null; attempt(load); };
          events.onerror = () => say("The emulator does not answer; waiting for it.");
          events.addEventListener("request", event => {
            const number = Number(event.lastEventId);
            // What was told meanwhile is no longer there to be read.
            if (lastEvent !== null && number > lastEvent + 1) attempt(load);
            lastEvent = number;
            take(JSON.parse(event.data));
          });
          addEventListener("pagehide", () => events.close());
        }
        """#
}
