extension LivePage {
    /// The way that requests take, with counts, and the faults that can be switched on.
    static let flow = #"""
        let flowTimer = null;
        const nodes = {}, faults = {};
        /** The node of that name, made when it is first shown, with its count. */
        function node(name, value, title) {
          if (!nodes[name]) {
            nodes[name] = make("span", { "data-node": name }, name + " ", make("b", {}, String(value)));
            return nodes[name];
          }
          const count = at("b", nodes[name]), text = String(value);
          if (count.textContent !== text) {
            count.textContent = text;
            nodes[name].classList.add("moved");
            setTimeout(() => nodes[name].classList.remove("moved"), 700);
          }
          if (title) nodes[name].title = title;
          return nodes[name];
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
          for (const one of flow.faults) showFault(one);
        }
        /** Shows a fault's button; one that cannot be had here stays in reach, and says why. */
        function showFault(one) {
          if (!faults[one.fault]) {
            faults[one.fault] = make("button", { type: "button", "data-fault": one.fault,
              onclick: () => attempt(() => turn(one.fault)) }, one.fault.replace("-", " "));
            at("#faults").append(faults[one.fault]);
          }
          const button = faults[one.fault];
          button.setAttribute("aria-pressed", String(one.isOn));
          button.setAttribute("aria-disabled", String(one.obstacle !== null));
          button.title = one.obstacle ?? "";
        }
        async function turn(fault) {
          const button = faults[fault];
          if (button.getAttribute("aria-disabled") === "true") return say(button.title);
          await ask("faults", "PUT", { fault: button.getAttribute("aria-pressed") === "true" ? null : fault });
          await showFlow();
        }
        function moved() {
          if (flowTimer === null)
            flowTimer = setTimeout(() => { flowTimer = null; attempt(showFlow); }, 300);
        }
        """#
}
