"""Uses the emulator's live page in Debian's chromium: live_page.py URL KEY SCREENSHOTS."""
import base64
import sys
import time
import urllib.error
import urllib.request

from playwright.sync_api import sync_playwright

url, key, screenshots = sys.argv[1:]
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


def use(live):
    page = live.page
    live.appears(lambda: send("/v1/track", '{"event":"Order","userId":"u","messageId":"page-1"}'), 200)
    item = '{"type":"track","userId":"u","messageId":"%s"%s}'
    items = [item % ("page-2", ',"event":"Order"'), item % ("page-3", "")]
    batch = live.appears(lambda: send("/v1/batch", '{"batch":[%s]}' % ",".join(items)), 200)
    live.appears(lambda: send("/webhook/customerio", "{}", {"X-CIO-Signature": "wrong"}), 401)
    live.appears(lambda: send("/nowhere", "{}"), 404)

    page.click(f'[data-request-id="{batch}"]')
    page.wait_for_selector(f'[data-detail="{batch}"]')
    shown = {"request": "‹key-1›", "decision": "✓", "became": "page-2", "rejected": "page-3",
             "downstream": "taken", "log": "published"}
    for tab, word in shown.items():
        page.click(f'[data-tab="{tab}"]')
        panel = page.locator(f'[data-panel="{tab}"]')
        assert panel.is_visible() and word in panel.inner_text(), (tab, panel.inner_text())
    page.click('[data-tab="became"]')
    page.screenshot(path=f"{screenshots}/detail.png")
    assert key not in page.content()

    count = live.rows().count()
    page.click('[data-action="replay"]')
    page.wait_for_function(MORE_ROWS, arg=count)
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

    page.click('[data-fault="sns-down"]')
    page.wait_for_selector('[data-fault="sns-down"][aria-pressed="true"]')
    live.appears(lambda: send("/v1/track", '{"event":"Order","userId":"u"}'), 503)
    page.click('[data-fault="sns-down"]')
    page.wait_for_selector('[data-fault="sns-down"][aria-pressed="false"]')

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
        use(live)
        assert not live.problems, live.problems
        # A starved browser is slow now and then; one that polls or waits would be slow each time.
        assert min(live.delays) < 1, live.delays
    finally:
        browser.close()
