extension LivePage {
    /// The detail of one request, with its tabs.
    static let detail = #"""
        const tabs = { request: "Request", decision: "Decision", became: "Became", rejected: "Rejected",
          downstream: "Downstream", log: "Log" };
        let tab = "request", current = null;
        /** Indents JSON without reading its values, so that each stays as it was written. */
        function pretty(text) {
          try { JSON.parse(text); } catch { return text; }
          let out = "", depth = 0, isString = false, isEscaped = false;
          const line = () => "\n" + "  ".repeat(depth);
          for (const [place, letter] of [...text.trim()].entries()) {
            if (isString) {
              out += letter;
              if (isEscaped) isEscaped = false;
              else if (letter === "\\") isEscaped = true;
              else if (letter === '"') isString = false;
            } else if (letter === '"') { isString = true; out += letter; }
            else if (letter === "{" || letter === "[") { depth++; out += letter + line(); }
            else if (letter === "}" || letter === "]") { depth--; out = out.trimEnd();
              out += (/[[{]$/.test(out) ? "" : line()) + letter; }
            else if (letter === ",") out += letter + line();
            else if (letter === ":") out += ": ";
            else if (!/\s/.test(letter)) out += letter;
          }
          return out;
        }
        const pre = text => make("pre", {}, text);
        function terms(pairs) {
          return make("dl", {}, ...pairs.flatMap(([name, value]) =>
            [make("dt", {}, name), make("dd", {}, value === null ? "–" : String(value))]));
        }
        function body(part, isTrimmed) {
          if (part.bytes === 0) return make("p", { class: "soft" },
            isTrimmed ? "Its body was given up for newer requests." : "No body.");
          if (part.body === null) return make("p", { class: "soft" },
            `${part.bytes} bytes that are no text, such as gzip; not shown, as a key in them cannot be hidden.`);
          return make("div", {}, pre(pretty(part.body)),
            make("details", {}, make("summary", {}, `Raw, ${part.bytes} bytes`), pre(part.body)));
        }
        const quote = text => "'" + text.replaceAll("'", "'\\''") + "'";
        function curl(one) {
          const skipped = ["host", "content-length", "connection"];
          return ["curl", "-X", one.request.method, quote(location.origin + one.request.target),
            ...one.request.headers.filter(field => !skipped.includes(field.name.toLowerCase()))
              .flatMap(field => ["-H", quote(`${field.name}: ${field.value}`)]),
            ...(one.request.body ? ["--data-binary", quote(one.request.body)] : [])].join(" ");
        }
        const panels = {
          request: one => [make("p", {}, make("b", {}, `${one.request.method} ${one.request.target}`)),
            make("button", { type: "button", onclick: () => attempt(async () => {
              await navigator.clipboard.writeText(curl(one));
              say("Copied; put the key in place of ‹key-1›.");
            }) }, "Copy as curl"),
            terms(one.request.headers.map(field => [field.name, field.value])), body(one.request, one.isTrimmed),
            make("h3", {}, "Reply: " + (one.reply?.status ?? "none yet")),
            ...(one.reply ? [terms(one.reply.headers.map(field => [field.name, field.value])),
              body(one.reply, one.isTrimmed)] : [])],
          decision: one => one.decision.map(step => make("p", {}, make("b", { class: step.isPassed ? "good" : "bad" },
            (step.isPassed ? "✓ " : "✗ ") + step.step), " ", step.why)),
          became: one => became(one),
          rejected: one => one.rejects.length === 0 ? [make("p", { class: "soft" }, "Nothing was rejected.")] :
            one.rejects.flatMap(reject => {
              let told = {};
              try { told = JSON.parse(reject.message); } catch {}
              return [make("h3", { class: "bad" }, told.code ?? reject.attributes.code ?? "rejected"),
                terms([["message", told.message ?? null], ["index", told.index ?? null]]),
                pre(pretty(told.body ?? reject.message))];
            }),
          downstream: one => {
            const all = [...one.published, ...one.rejects];
            if (all.length === 0) return [make("p", { class: "soft" }, "Nothing reached a topic.")];
            return all.flatMap(message => [make("h3", {}, message.topic), terms([["SNS id", message.id]]),
              make("ul", {}, ...message.queues.map(queue => make("li", {}, `${queue.queue}: `,
                queue.fate === "filtered" ? `kept out by its policy's ${queue.filteredBy}` : queue.fate,
                ...queue.results.map(result => make("span", { class: result.isDone ? "good" : "bad" },
                  ` → ${result.function} ${result.isDone ? "took it" : "did not take it: it comes again"}`)))))]);
          },
          log: one => one.log.length === 0 ? [make("p", { class: "soft" }, "No line.")] :
            one.log.map(line => make("div", {}, make("span", { class: "soft" }, line.function), pre(pretty(line.line)))),
        };
        function choose(name) {
          tab = name;
          for (const button of document.querySelectorAll("[data-tab]"))
            button.setAttribute("aria-selected", String(button.dataset.tab === name));
          for (const panel of document.querySelectorAll("[data-panel]")) panel.hidden = panel.dataset.panel !== name;
        }
        function show(one) {
          current = one;
          const section = at("#detail");
          section.hidden = false;
          section.dataset.detail = one.id;
          at("main").classList.add("open");
          section.replaceChildren(
            make("div", { class: "line" }, make("b", { class: mood(one) }, String(one.status)),
              make("span", {}, `${one.method} ${one.path}`),
              make("button", { type: "button", "data-action": "replay", title: "r", onclick: replay }, "Replay"),
              make("button", { type: "button", "data-action": "edit", title: "e", onclick: edit }, "Edit and resend"),
              make("button", { type: "button", title: "Escape", onclick: shut }, "Close")),
            terms([["request id", one.id], ["partner", one.partner], ["sender", one.sender],
              ["outcome", [one.outcome, one.code].filter(Boolean).join(": ") || null],
              ["message ids", one.messageIds.slice(0, 20).join(", ") || null]]),
            make("nav", { role: "tablist" }, ...Object.entries(tabs).map(([name, title]) => make("button",
              { type: "button", role: "tab", "data-tab": name, onclick: () => choose(name) }, title))),
            ...Object.keys(tabs).map(name => make("div", { role: "tabpanel", "data-panel": name }, ...panels[name](one))));
          choose(tab);
        }
        async function open(id) {
          chosen = id;
          for (const row of rows) row.node.classList.toggle("chosen", row.id === id);
          await attempt(async () => show(await ask("requests/" + encodeURIComponent(id))));
        }
        function shut() {
          chosen = current = null;
          const section = at("#detail");
          section.hidden = true;
          delete section.dataset.detail;
          at("main").classList.remove("open");
          for (const row of rows) row.node.classList.remove("chosen");
        }
        """#
}
