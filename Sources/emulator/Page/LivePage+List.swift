extension LivePage {
    /// Small tools that the rest of the script shares.
    ///
    /// Text is never read as HTML.
    static let basics = #"""
        const at = (query, from = document) => from.querySelector(query);
        function make(tag, traits = {}, ...children) {
          const node = document.createElement(tag);
          for (const [name, value] of Object.entries(traits))
            if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
            else if (value !== null && value !== false) node.setAttribute(name, value);
          node.append(...children.filter(child => child !== null && child !== undefined));
          return node;
        }
        async function ask(path, method = "GET", body) {
          const reply = await fetch("/_inlet/" + path,
            { method, body: body === undefined ? undefined : JSON.stringify(body), cache: "no-store" });
          if (reply.status === 204) return null;
          const value = await reply.json();
          if (!reply.ok) throw new Error(value.message);
          return value;
        }
        const say = text => { at("#state").textContent = text; };
        const attempt = work => Promise.resolve().then(work).catch(error => say(error.message));
        const clock = time => new Date(time).toLocaleTimeString([], { hour12: false }) + time.slice(19, 23);
        const mood = row => row.status >= 400 ? "bad" : row.rejected > 0 ? "warn" : "good";
        """#

    /// The list, its filters, and the events that fill it.
    static let list = #"""
        const limit = 500, kinds = ["sender", "partner", "status", "outcome"];
        let rows = [], waiting = [], isPaused = false, chosen = null, isDue = false, lastEvent = null;
        const words = row => [row.id, row.method, row.path, row.status, row.sender, row.partner, row.outcome,
          row.code, ...row.messageIds].join(" ").toLowerCase();
        function shows(row) {
          const text = at("[data-action=search]").value.trim().toLowerCase();
          return kinds.every(kind => { const wanted = at(`[data-filter=${kind}]`).value;
            return !wanted || String(row[kind]) === wanted; }) && (!text || row.words.includes(text));
        }
        function draw(row) {
          row.words = words(row);
          row.node = make("li", { "data-request-id": row.id, "data-status": row.status,
            "data-sender": row.sender ?? "", tabindex: 0, onclick: () => open(row.id) },
            make("span", { class: "time" }, clock(row.time)),
            make("span", { class: "status " + mood(row) }, String(row.status)),
            make("span", {}, `${row.method} ${row.path}`),
            make("span", { class: "who" }, [row.partner, row.code ?? row.outcome].filter(Boolean).join(" · ")),
            make("span", { class: "wide soft" }, [row.sender, row.accepted === null ? null :
              `${row.accepted} ✓` + (row.rejected ? ` ${row.rejected} ✗` : "")].filter(Boolean).join(" ")),
            make("span", { class: "wide ms" }, `${row.milliseconds} ms`));
          row.node.hidden = !shows(row);
          row.node.classList.toggle("chosen", row.id === chosen);
          return row.node;
        }
        function count() {
          at("#empty").hidden = rows.length > 0;
          const seen = rows.filter(row => !row.node.hidden).length;
          say(isPaused ? `paused, ${waiting.length} waiting` : seen === rows.length ? `${seen} requests` :
            `${seen} of ${rows.length} requests`);
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
        function filter() { for (const row of rows) row.node.hidden = !shows(row); count(); }
        function flush() {
          isDue = false;
          if (isPaused) return count();
          const fresh = waiting.splice(0).filter(row => !rows.some(other => other.id === row.id));
          rows = [...fresh.reverse(), ...rows];
          at("#list").prepend(...fresh.map(draw));
          for (const row of rows.splice(limit)) row.node.remove();
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
          options(); count(); moved();
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

    /// The way that requests take, with counts.
    static let flow = #"""
        let flowTimer = null, counts = {};
        function node(name, value, title) {
          const isNew = counts[name] !== undefined && counts[name] !== value;
          counts[name] = value;
          const span = make("span", { "data-node": name, title: title ?? "", class: isNew ? "moved" : "" },
            name + " ", make("b", {}, String(value)));
          if (isNew) setTimeout(() => span.classList.remove("moved"), 700);
          return span;
        }
        async function showFlow() {
          const flow = await ask("flow");
          const by = handler => flow.functions.filter(one => one.handler === handler)
            .map(one => node(handler, one.invocations, one.name));
          const held = flow.queues.map(one => `${one.queue}: ${one.visible} waiting, ${one.inFlight} in flight`);
          const all = flow.queues.reduce((sum, one) => sum + one.visible + one.inFlight, 0);
          const arrow = text => make("i", { "aria-hidden": "true" }, text);
          const consumers = [...by("forwarder"), ...by("loader")];
          at("#flow").replaceChildren(node("client", flow.requests), arrow("→"), ...by("authorizer"), arrow("→"),
            ...by("ingest"), arrow("→"), node("topic", flow.published), arrow("|"), node("rejected", flow.rejected),
            arrow("→"), node("queues", all, held.join("\n")), ...(consumers.length ? [arrow("→")] : []), ...consumers);
          at("#faults").replaceChildren(...flow.faults.map(fault => make("button", { type: "button",
            "data-fault": fault, "aria-pressed": String(flow.fault === fault),
            onclick: () => attempt(async () => {
              await ask("faults", "PUT", { fault: flow.fault === fault ? null : fault });
              await showFlow();
            }) }, fault.replace("-", " "))));
        }
        function moved() {
          if (flowTimer === null)
            flowTimer = setTimeout(() => { flowTimer = null; attempt(showFlow); }, 300);
        }
        """#
}
