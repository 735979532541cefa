extension LivePage {
    /// Sending again, changed or not, and samples.
    static let sending = #"""
        async function send(request) {
          const sent = await ask("send", "POST", request);
          await open(sent.id);
        }
        function replay() { const id = current?.id; if (id) attempt(() => send({ base: id })); }
        /** Fills the composer with a request and what can be said of it. */
        function fill(request) {
          const form = at("#composer form").elements, signing = request.signing;
          form.method.value = request.method;
          form.target.value = request.target;
          form.body.value = request.body;
          form.headers.value = request.headers.map(field => `${field.name}: ${field.value}`).join("\n");
          at("#signing").hidden = !signing;
          form.sign.checked = Boolean(signing && !signing.obstacle);
          form.sign.disabled = Boolean(signing?.obstacle);
          at("#scheme").textContent = !signing ? "" : signing.obstacle
            ? `It cannot be signed anew: ${signing.obstacle}` : `Sign it anew, by the scheme ${signing.scheme}`;
          at("#asked").hidden = !request.isTokenAsked;
          form.token.required = Boolean(request.isTokenAsked);
          form.token.value = "";
        }
        /** Opens the composer; `context` says whose request it is. */
        function compose(note, context, request) {
          const dialog = at("#composer"), form = at("form", dialog).elements;
          at("#note").textContent = note;
          at("#choice").hidden = !context.choices;
          fill(request);
          dialog.returnValue = "";
          dialog.onclose = () => {
            const token = form.token.value || undefined;
            form.token.value = "";
            if (dialog.returnValue !== "send") return;
            const lines = form.headers.value.split("\n").filter(line => line.includes(":"));
            const whose = context.choices ? context.choices[form.partner.selectedIndex] : context;
            attempt(() => send({ base: whose.base, partner: whose.partner, sender: whose.sender,
              token, sign: form.sign.checked, method: form.method.value,
              target: form.target.value, body: form.body.value, headers: lines.map(line => ({
                name: line.slice(0, line.indexOf(":")).trim(), value: line.slice(line.indexOf(":") + 1).trim() })) }));
          };
          dialog.showModal();
          if (request.isTokenAsked) form.token.focus();
        }
        function edit() {
          if (!current) return;
          const one = current;
          if (one.request.body === null) return say("Its body is no text, and can only be replayed.");
          compose("‹key-1› stands for the key that was sent.",
            { base: one.id, partner: one.signing?.partner, sender: one.signing?.sender },
            { ...one.request, headers: sendable(one), signing: one.signing });
        }
        /** Sends a sample of the partner, if there is one to choose and its token is known; else it asks. */
        async function sample() {
          const filtered = kind => at(`[data-filter=${kind}]`).value;
          const choices = (await ask("partners")).filter(one =>
            (!filtered("partner") || one.partner === filtered("partner"))
            && (!filtered("sender") || one.sender === filtered("sender")));
          if (choices.length === 0) return say("There is no partner to send a sample of.");
          const ready = choices.filter(one => !one.isTokenAsked && !one.obstacle);
          if (choices.length === 1 && ready.length === 1) {
            const one = await ask("sample", "POST", choices[0]);
            return send({ ...one, sign: one.signing !== null });
          }
          const select = at("#composer form").elements.partner, first = ready[0] ?? choices[0];
          select.replaceChildren(...choices.map(one => make("option", { value: one.partner },
            `${one.partner} as ${one.sender}` + (one.isTokenAsked ? " (its token is asked for)" : ""))));
          select.selectedIndex = choices.indexOf(first);
          select.onchange = () => attempt(async () =>
            fill(await ask("sample", "POST", choices[select.selectedIndex])));
          compose("‹token› stands for the partner's token.", { choices }, await ask("sample", "POST", first));
        }
        """#

    /// What buttons and keys do.
    static let controls = #"""
        function pause() {
          isPaused = !isPaused;
          const button = at("[data-action=pause]");
          button.setAttribute("aria-pressed", String(isPaused));
          button.textContent = isPaused ? "Go on" : "Pause";
          flush();
        }
        function step(by) {
          const seen = rows.filter(row => !row.node.hidden);
          const place = seen.findIndex(row => row.id === chosen);
          const next = seen[place < 0 ? 0 : Math.min(seen.length - 1, Math.max(0, place + by))];
          if (!next) return;
          at("#list").focus({ preventScroll: true });
          next.node.scrollIntoView({ block: "nearest" });
          open(next.id);
        }
        const keys = { j: () => step(1), k: () => step(-1), "/": () => at("[data-action=search]").focus(),
          p: pause, r: replay, e: edit, s: () => attempt(sample), Escape: shut };
        const arrows = { ArrowDown: () => step(1), ArrowUp: () => step(-1) };
        document.addEventListener("keydown", event => {
          const focus = document.activeElement, number = Object.keys(tabs)[Number(event.key) - 1];
          if (event.ctrlKey || event.metaKey || event.altKey || at("#composer").open) return;
          if (/^(INPUT|TEXTAREA|SELECT)$/.test(focus?.tagName)) {
            if (event.key === "Escape") focus.blur();
            return;
          }
          const isInList = focus === document.body || focus === at("#list");
          const act = keys[event.key] ?? (isInList ? arrows[event.key] : null)
            ?? (number && current ? () => choose(number) : null);
          if (act) { event.preventDefault(); act(); }
        });
        at("#bar").addEventListener("submit", event => event.preventDefault());
        at("#bar").addEventListener("input", filter);
        at("[data-action=pause]").addEventListener("click", pause);
        at("[data-action=sample]").addEventListener("click", () => attempt(sample));
        at("[data-action=clear]").addEventListener("click", () => attempt(async () => {
          await ask("requests", "DELETE"); shut(); await load(); }));
        options(); listen(); attempt(showFlow);
        setInterval(() => { if (document.visibilityState === "visible") moved(); }, 2000);
        """#
}
