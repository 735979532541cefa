extension LivePage {
    /// What was sent beside what was published, and what differs.
    static let became = #"""
        function leaves(value, path = "", out = new Map()) {
          const isInside = value !== null && typeof value === "object" && Object.keys(value).length > 0;
          if (!isInside) { out.set(path, JSON.stringify(value)); return out; }
          for (const [name, inner] of Object.entries(value)) leaves(inner, path ? `${path}.${name}` : name, out);
          return out;
        }
        function differences(sent, published) {
          const before = leaves(sent), after = leaves(published), found = [];
          const dropped = [...before.keys()].filter(path => !after.has(path));
          for (const path of after.keys()) {
            if (before.has(path)) {
              if (before.get(path) !== after.get(path)) found.push(["corrected", path]);
              continue;
            }
            const place = dropped.findIndex(old => before.get(old) === after.get(path));
            if (place < 0) { found.push(["added", path]); continue; }
            const [old] = dropped.splice(place, 1), isSame = old.toLowerCase() === path.toLowerCase();
            found.push([isSame ? "renamed" : "moved", `${old} → ${path}`]);
          }
          return [...found, ...dropped.map(path => ["dropped", path])];
        }
        /** The item of the request that a message was made of, by its id, else by its place. */
        function source(one, message, place) {
          let sent;
          try { sent = JSON.parse(one.request.body); } catch { return null; }
          if (!Array.isArray(sent?.batch)) return sent;
          const bad = new Set(one.rejects.map(reject => {
            try { return JSON.parse(reject.message).index; } catch { return undefined; } }));
          const id = message.messageId;
          return sent.batch.find(item => id && item?.messageId === id)
            ?? sent.batch.filter((_, index) => !bad.has(index))[place] ?? null;
        }
        function isBatch(one) {
          try { return Array.isArray(JSON.parse(one.request.body).batch); } catch { return false; }
        }
        function became(one) {
          if (one.published.length === 0) return [make("p", { class: "soft" }, "Nothing was published.")];
          return one.published.slice(0, 100).flatMap((entry, place) => {
            let message = {};
            try { message = JSON.parse(entry.message); } catch {}
            const sent = source(one, message, place);
            // A call that was sent alone is shown as it was written.
            const text = sent === null ? "not known" : isBatch(one) ? JSON.stringify(sent, null, 2)
              : pretty(one.request.body);
            const changes = sent === null ? [] : differences(sent, message);
            return [make("h3", {}, message.messageId ?? entry.id),
              make("div", { class: "pair" },
                make("div", {}, "Sent", pre(text)),
                make("div", {}, "Published", pre(pretty(entry.message)))),
              make("ul", {}, ...changes.map(([kind, path]) => make("li", {}, make("b", {}, kind), " ", path))),
              terms(Object.entries(entry.attributes))];
          });
        }
        """#

    /// Sending again, the composer, and the keyboard.
    static let actions = #"""
        async function send(request) {
          const sent = await ask("send", "POST", request);
          await open(sent.id);
        }
        function replay() { const id = current?.id; if (id) attempt(() => send({ base: id })); }
        function compose(base, note, method, target, headers, text) {
          const dialog = at("#composer"), form = at("form", dialog).elements;
          at("#note").textContent = note;
          form.method.value = method; form.target.value = target; form.body.value = text;
          form.headers.value = headers.map(field => `${field.name}: ${field.value}`).join("\n");
          dialog.returnValue = "";
          dialog.onclose = () => {
            if (dialog.returnValue !== "send") return;
            const lines = form.headers.value.split("\n").filter(line => line.includes(":"));
            attempt(() => send({ base, method: form.method.value, target: form.target.value,
              headers: lines.map(line => ({ name: line.slice(0, line.indexOf(":")).trim(),
                value: line.slice(line.indexOf(":") + 1).trim() })), body: form.body.value }));
          };
          dialog.showModal();
        }
        function edit() {
          if (!current) return;
          if (current.request.body === null)
            return say("Its body is no text, and can only be replayed.");
          const skipped = ["host", "content-length", "connection"];
          compose(current.id, "It is not signed anew: a signature still covers the old body. ‹key-1› stands for "
            + "the key that was sent.", current.request.method, current.request.target,
            current.request.headers.filter(field => !skipped.includes(field.name.toLowerCase())), current.request.body);
        }
        /** A call of the partner whose key was seen last; the page asks for a key until it knows one. */
        async function sample() {
          const known = rows.find(row => row.sender === "segment-api" && row.status === 200 && row.partner
            && row.method === "POST" && shows(row));
          const call = { type: "track", event: "Order Shipped", userId: "u-42", properties: { total: 12.5 } };
          const headers = [{ name: "Content-Type", value: "application/json" }];
          if (!known) return compose(null, "No partner's key is known yet: put one into writeKey.", "POST",
            "/v1/track", headers, JSON.stringify({ writeKey: "", ...call }, null, 2));
          const one = await ask("requests/" + known.id);
          const authorization = one.request.headers.filter(field => field.name.toLowerCase() === "authorization");
          const inBody = /"write_?key"\s*:\s*"(‹key-\d+›)"/i.exec(one.request.body ?? "");
          const key = authorization.length === 0 && inBody ? { writeKey: inBody[1] } : {};
          compose(known.id, `A call of ${known.partner}, with its key.`, "POST", "/v1/track",
            [...headers, ...authorization], JSON.stringify({ ...key, ...call }, null, 2));
        }
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
          if (next) { next.node.focus(); next.node.scrollIntoView({ block: "nearest" }); open(next.id); }
        }
        const keys = { j: () => step(1), ArrowDown: () => step(1), k: () => step(-1), ArrowUp: () => step(-1),
          "/": () => at("[data-action=search]").focus(), p: pause, r: replay, e: edit, s: () => attempt(sample),
          Escape: shut };
        document.addEventListener("keydown", event => {
          const focus = document.activeElement, number = Object.keys(tabs)[Number(event.key) - 1];
          if (event.ctrlKey || event.metaKey || event.altKey || at("#composer").open) return;
          if (/^(INPUT|TEXTAREA|SELECT)$/.test(focus?.tagName)) {
            if (event.key === "Escape") focus.blur();
            return;
          }
          if (event.key === "Enter" && focus?.dataset.requestId) return void open(focus.dataset.requestId);
          const act = keys[event.key] ?? (number && current ? () => choose(number) : null);
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
