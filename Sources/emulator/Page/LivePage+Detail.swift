extension LivePage {
    /// The detail of one request, with its tabs.
    static let detail = #"""
        const tabs = { request: "Request", decision: "Decision", became: "Became", rejected: "Rejected",
          downstream: "Downstream", log: "Log" };
        let tab = "request", current = null;
        const quote = text => "'" + text.replaceAll("'", "'\\''") + "'";
        const skipped = one => ["host", "content-length", "connection", one.request.isInflated ? "content-encoding" : ""];
        const sendable = one => one.request.headers.filter(field => !skipped(one).includes(field.name.toLowerCase()));
        function curl(one) {
          return ["curl", "-X", one.request.method, quote(location.origin + one.request.target),
            ...sendable(one).flatMap(field => ["-H", quote(`${field.name}: ${field.value}`)]),
            ...(one.request.body ? ["--data-binary", quote(one.request.body)] : [])].join(" ");
        }
        function copy(one) {
          return attempt(async () => {
            await navigator.clipboard.writeText(curl(one));
            say("Copied; put the key in place of ‹key-1›.");
          });
        }
        function request(one) {
          const fields = part => terms(part.headers.map(field => [field.name, field.value]));
          const marks = one.decision.map(step => step.mark).filter(Boolean);
          return [make("p", { class: "line" }, make("b", {}, `${one.request.method} ${one.request.target}`),
            make("button", { type: "button", onclick: () => copy(one) }, "Copy as curl")),
            fields(one.request), body(one.request, one.isTrimmed, marks),
            make("h3", {}, "Reply: " + (one.reply?.status ?? "none yet")),
            ...(one.reply ? [fields(one.reply), body(one.reply, one.isTrimmed)] : [])];
        }
        function decision(one) {
          const sign = isPassed => make("b", { class: isPassed ? "good" : "bad" }, isPassed ? "✓" : "✗");
          return [make("ol", { class: "steps" }, one.decision.map(step => make("li", { "data-step": step.step },
            sign(step.isPassed), make("div", {}, make("b", {}, step.step), " ", step.why,
              step.looks?.length ? make("ul", {}, step.looks.map(look =>
                make("li", {}, sign(look.isPassed), " ", look.text))) : null,
              (step.causes ?? []).map(cause => make("p", { class: "soft" }, cause)),
              step.mark && one.request.body ? pre(one.request.body, [step.mark]) : null))))];
        }
        function log(one) {
          if (one.log.length === 0) return [soft("No line.")];
          return one.log.map(line => make("div", {}, make("span", { class: "soft" }, line.function), pre(line.line)));
        }
        const panels = { request, decision, became, rejected, downstream, log };
        function choose(name, isFocused = false) {
          tab = name;
          for (const button of document.querySelectorAll("[data-tab]")) {
            const isChosen = button.dataset.tab === name;
            button.setAttribute("aria-selected", String(isChosen));
            button.tabIndex = isChosen ? 0 : -1;
            if (isChosen && isFocused) button.focus();
          }
          for (const panel of document.querySelectorAll("[data-panel]")) panel.hidden = panel.dataset.panel !== name;
        }
        /** The arrow keys walk along the tabs, as those who use them by keyboard expect. */
        function walk(event) {
          const names = Object.keys(tabs), by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
          if (!by) return;
          event.preventDefault(); event.stopPropagation();
          choose(names[(names.indexOf(tab) + by + names.length) % names.length], true);
        }
        function counted(one, name, title) {
          const number = { became: one.published.length, rejected: one.rejects.length }[name];
          return number ? `${title} ${number}` : title;
        }
        function show(one) {
          current = one;
          const section = at("#detail"), isNew = section.dataset.detail !== one.id;
          const top = section.scrollTop, focus = section.contains(document.activeElement) ? document.activeElement : null;
          const kept = focus?.dataset.tab ?? focus?.dataset.action;
          section.hidden = false;
          section.dataset.detail = one.id;
          at("main").classList.add("open");
          const button = (text, traits) => make("button", { type: "button", ...traits }, text);
          section.replaceChildren(
            make("div", { class: "line" }, make("b", { class: mood(one) }, String(one.status ?? "…")),
              make("span", { class: "path" }, `${one.method} ${one.path}`),
              button("Replay", { "data-action": "replay", title: "r", onclick: replay }),
              button("Edit and resend", { "data-action": "edit", title: "e", onclick: edit }),
              button("Close", { "data-action": "close", title: "Escape", onclick: shut })),
            terms([["request id", one.id], ["partner", one.partner], ["sender", one.sender],
              ["outcome", [one.outcome, one.code].filter(Boolean).join(": ") || null],
              ["message ids", one.messageIds.slice(0, 20).join(", ") || null]]),
            make("nav", { role: "tablist", "aria-label": "Detail", onkeydown: walk }, Object.entries(tabs).map(
              ([name, title]) => make("button", { type: "button", role: "tab", id: "tab-" + name, "data-tab": name,
                "aria-controls": "panel-" + name, onclick: () => choose(name) }, counted(one, name, title)))),
            ...Object.keys(tabs).map(name => make("div", { role: "tabpanel", id: "panel-" + name, "data-panel": name,
              "aria-labelledby": "tab-" + name }, ...panels[name](one))));
          choose(tab);
          section.scrollTop = isNew ? 0 : top;
          if (kept) at(`[data-tab="${kept}"], [data-action="${kept}"]`, section)?.focus();
        }
        async function open(id) {
          chosen = id;
          point();
          await attempt(async () => {
            const one = await ask("requests/" + encodeURIComponent(id));
            if (chosen === id) { show(one); follow(one); }
          });
        }
        /** What comes after the reply, such as a loader's result, is looked for a while longer. */
        function follow(one, left = 8) {
          const isPending = [...one.published, ...one.rejects].some(message => message.queues.some(queue =>
            queue.place === "waiting" || queue.place === "hidden"));
          if (!isPending || left === 0) return;
          setTimeout(() => attempt(async () => {
            if (chosen !== one.id || at("#composer").open || String(getSelection())) return;
            const later = await ask("requests/" + encodeURIComponent(one.id));
            if (chosen !== one.id) return;
            if (JSON.stringify(later) !== JSON.stringify(current)) show(later);
            follow(later, left - 1);
          }), 1000);
        }
        function shut() {
          const isInside = at("#detail").contains(document.activeElement);
          chosen = current = null;
          const section = at("#detail");
          section.hidden = true;
          delete section.dataset.detail;
          at("main").classList.remove("open");
          point();
          if (isInside) at("#list").focus({ preventScroll: true });
        }
        """#
}
