"""Uses the emulator's live page in Debian's chromium: live_page.py URL KEY HUB_TOKEN SCREENSHOTS."""
import base64
import sys
import time
import urllib.error
import urllib.request

from playwright.sync_api import sync_playwright

url, key, hub_token, screenshots = sys.argv[1:]
basic = {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}
MORE_ROWS = "count => document.querySelectorAll('[data-request-id]').length > count"
# In milliseconds, for everything: a machine that is busy with other tests may starve the browser.
PATIENCE = 600_000


def send(path, body, headers=basic):
    request = urllib.request.Request(url + path, body.encode(), headers)
    try:
        with urllib.request.urlopen(request) as reply:
            return reply.status
    except urllib.error.HTTPError as error:
        return error.code


class LivePage:
    def __init__(self, page):
        self.page = page
        page.set_default_timeout(PATIENCE)
        self.problems = []
        # Seconds from a reply to its row.
        self.delays = []
        page.on("console", lambda line: self.problems.append(f"console: {line.text}"))
        page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        page.on("request", lambda request: self.look_at(request.url))
        page.goto(f"{url}/_inlet/")
        # The list is filled once the page listens.
        page.wait_for_function("document.querySelector('#state').textContent === '0 requests'")

    def look_at(self, target):
        if not target.startswith((url, "data:")):
            self.problems.append(f"a request to {target}")

    def rows(self):
        return self.page.locator("[data-request-id]")

    def appears(self, cause, status):
        """The id of the row that appears."""
        count = self.rows().count()
        assert cause() == status
        start = time.monotonic()
        self.page.wait_for_function(MORE_ROWS, arg=count)
        self.delays.append(time.monotonic() - start)
        row = self.rows().first
        assert row.get_attribute("data-status") == str(status)
        return row.get_attribute("data-request-id")

    def visible(self):
        return self.page.locator("[data-request-id]:visible").count()


    def open(self, row, tab):
        """The text of a tab of a row's detail."""
        self.page.click(f'[data-request-id="{row}"]')
        self.page.wait_for_selector(f'[data-detail="{row}"]')
        self.page.click(f'[data-tab="{tab}"]')
        panel = self.page.locator(f'[data-panel="{tab}"]')
        assert panel.is_visible()
        return panel.inner_text()

    def turn(self, fault, is_on):
        self.page.click(f'[data-fault="{fault}"]')
        self.page.wait_for_selector(f'[data-fault="{fault}"][aria-pressed="{str(is_on).lower()}"]')

    def sends(self, act, status):
        """Acts so that the page sends a request, and waits until its detail is open; its id."""
        before = self.page.get_attribute("#detail", "data-detail") or ""
        act()
        self.page.wait_for_function(
            "old => (document.querySelector('#detail').dataset.detail ?? old) !== old", arg=before)
        row = self.page.get_attribute("#detail", "data-detail")
        self.page.wait_for_selector(f'[data-request-id="{row}"][data-status="{status}"]', state="attached")
        return row


def use_tabs(live):
    page = live.page
    live.appears(lambda: send("/v1/track", '{"event":"Order","userId":"u","messageId":"page-1"}'), 200)
    item = '{"type":"track","userId":"u","messageId":"%s"%s}'
    items = [item % ("page-2", ',"event":"Order"'), item % ("page-3", "")]
    batch = live.appears(lambda: send("/v1/batch", '{"batch":[%s]}' % ",".join(items)), 200)
    unsigned = live.appears(
        lambda: send("/webhook/customerio", "{}", {"X-CIO-Signature": "wrong"}), 401)
    live.appears(lambda: send("/nowhere", "{}"), 404)

    shown = {"request": "‹key-1›", "decision": "✓", "became": "receivedAt", "rejected": "event_not_defined",
             "downstream": "No queue", "log": "published"}
    for tab, word in shown.items():
        text = live.open(batch, tab)
        assert word in text, (tab, text)
    assert page.locator('[data-panel="rejected"] mark').count() == 1
    live.open(batch, "became")
    page.screenshot(path=f"{screenshots}/detail.png")
    assert key not in page.content()
    text = live.open(unsigned, "decision")
    assert "✗" in text and "signature" in text, text
    page.screenshot(path=f"{screenshots}/decision.png")
    live.open(batch, "request")


def use_list(live):
    page = live.page

    count = live.rows().count()
    page.click('[data-action="replay"]')
    page.wait_for_function(MORE_ROWS, arg=count)
    page.keyboard.press("Escape")
    # The list is one stop of the Tab key, and arrows walk in it.
    page.locator("#list").focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_selector("#detail[data-detail]")
    page.keyboard.press("Escape")

    page.select_option('[data-filter="status"]', "404")
    assert live.visible() == 1
    page.select_option('[data-filter="status"]', "")
    page.fill('[data-action="search"]', "nowhere")
    assert live.visible() == 1
    page.fill('[data-action="search"]', "")

    page.click('[data-action="pause"]')
    count = live.rows().count()
    send("/nowhere", "{}")
    time.sleep(0.5)
    assert live.rows().count() == count
    page.click('[data-action="pause"]')
    page.wait_for_function(MORE_ROWS, arg=count)

    call = '{"event":"Order","userId":"u"}'
    for fault in ["sns-down", "registry-away"]:
        live.turn(fault, True)
        live.appears(lambda: send("/v1/track", call), 503)
        live.turn(fault, False)
    live.appears(lambda: send("/v1/track", call), 200)


def use_samples(live):
    page = live.page
    # With one partner left, whose key was seen, it is sent at once.
    page.select_option('[data-filter="partner"]', "web-app")
    live.sends(lambda: page.click('[data-action="sample"]'), 200)
    page.select_option('[data-filter="partner"]', "")
    # The other's token is asked for, once.
    page.click('[data-action="sample"]')
    page.wait_for_selector("dialog[open]")
    page.select_option('dialog [name="partner"]', "hub")
    page.wait_for_selector('dialog [name="token"]')
    page.screenshot(path=f"{screenshots}/sample.png")
    page.fill('dialog [name="token"]', hub_token)
    sample = live.sends(lambda: page.click('dialog button[value="send"]'), 200)
    text = live.open(sample, "decision")
    assert "github" in text and "secret 1 of 2" in text, text
    # Edited, it counts only if it is signed anew.
    for is_signed, status in [(False, 401), (True, 200)]:
        live.open(sample, "request")
        page.click('[data-action="edit"]')
        page.fill('dialog [name="body"]', '{"repository":{"id":8},"sender":{"id":43}}')
        page.set_checked('dialog [name="sign"]', is_signed)
        live.sends(lambda: page.click('dialog button[value="send"]'), status)
    assert hub_token not in page.content()
    assert page.input_value('dialog [name="token"]') == ""
    page.keyboard.press("Escape")


def look(live):
    page = live.page
    page.screenshot(path=f"{screenshots}/list.png")
    page.emulate_media(color_scheme="dark")
    page.screenshot(path=f"{screenshots}/dark.png")
    page.set_viewport_size({"width": 360, "height": 720})
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.screenshot(path=f"{screenshots}/narrow.png")


with sync_playwright() as playwright:
    # The sandbox needs rights that containers do not give; the page is the project's own.
    browser = playwright.chromium.launch(
        executable_path="/usr/bin/chromium", args=["--no-sandbox"], timeout=PATIENCE
    )
    try:
        live = LivePage(browser.new_page(viewport={"width": 1280, "height": 800}))
        for work in [use_tabs, use_list, use_samples, look]:
            work(live)
        assert not live.problems, live.problems
        # A starved browser is slow now and then; one that polls or waits would be slow each time.
        assert min(live.delays) < 1, live.delays
    finally:
        browser.close()
