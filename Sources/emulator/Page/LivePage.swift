import Formats
import LocalServer

/// The live page: one document with its style and script in it.
///
/// It needs no other file and no other host, and its policy lets it have none.
enum LivePage {
    static let response = LocalResponse(
        headers: [
            HTTPField("Content-Type", "text/html; charset=utf-8"),
            HTTPField("Cache-Control", "no-store"),
            // Programs that drive a browser for tests evaluate their conditions in the page.
            HTTPField(
                "Content-Security-Policy",
                "default-src 'none'; style-src 'unsafe-inline'; "
                    + "script-src 'unsafe-inline' 'unsafe-eval'; "
                    + "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
                    + "frame-ancestors 'none'"),
            HTTPField("X-Content-Type-Options", "nosniff"),
            HTTPField("Referrer-Policy", "no-referrer"),
        ], body: Array(document.utf8))

    private static let document = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <link rel="icon" href="data:,">
        <title>Inlet emulator</title>
        <style>\(style)</style>
        </head>
        <body>\(markup)
        <script>
        "use strict";
        \(basics)
        \(texts)
        \(list)
        \(flow)
        \(messages)
        \(downstream)
        \(detail)
        \(sending)
        \(controls)
        </script>
        </body>
        </html>

        """
}
