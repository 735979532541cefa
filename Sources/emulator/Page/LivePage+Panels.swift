extension LivePage {
    /// What was sent beside what was published, and what of it was rejected.
    static let messages = #"""
        const verbs = { added: "good", renamed: "mark", moved: "mark", corrected: "warn", dropped: "bad" };
        function change(one) {
          const place = one.from && one.to && one.from !== one.to ? `${one.from} → ${one.to}` : one.to ?? one.from;
          return make("tr", {}, make("td", { class: verbs[one.kind] }, one.kind), make("td", {}, make("code", {}, place)),
            make("td", { class: "soft" }, one.why));
        }
        function idOf(message, other) { try { return JSON.parse(message).messageId ?? other; } catch { return other; } }
        function published(entry) {
          const changes = entry.changes ?? [];
          return make("section", { class: "card" }, make("h3", {}, idOf(entry.message, entry.id)),
            changes.length ? make("table", { class: "changes" }, make("tbody", {}, changes.map(change)))
              : entry.sent ? soft("Nothing was changed.") : null,
            make("div", { class: "pair" },
              make("div", {}, make("h4", {}, "Sent"), entry.sent ? pre(entry.sent) : soft("not known")),
              make("div", {}, make("h4", {}, "Published"), pre(entry.message))),
            make("h4", {}, "Attributes"), terms(Object.entries(entry.attributes)));
        }
        function became(one) {
          if (one.published.length === 0) return [soft("Nothing was published.")];
          const rest = one.published.length - 100;
          return [...one.published.slice(0, 100).map(published),
            rest > 0 ? soft(`${rest} more are in /_inlet/requests/${one.id}`) : null];
        }
        function rejected(one) {
          if (one.rejects.length === 0) return [soft("Nothing was rejected.")];
          return one.rejects.slice(0, 100).map(reject => make("section", { class: "card" },
            make("h3", { class: "bad" }, reject.code), make("p", {}, reject.reason ?? ""),
            terms([["item", reject.index], ["messageId", reject.messageId], ["topic", reject.topic]]),
            reject.fields.length ? make("table", { class: "changes" }, make("tbody", {}, reject.fields.map(field =>
              make("tr", {}, make("td", {}, make("code", {}, field.path)), make("td", {}, field.message))))) : null,
            reject.input === null ? soft("Its input is no text.") : pre(reject.input, reject.marks)));
        }
        """#

    /// What became of messages behind the topic.
    static let downstream = #"""
        const places = { waiting: "waits in the queue", hidden: "hidden: a function works on it, or it comes again later",
          dead_letters: "a dead letter", gone: "left the queue" };
        function fate(queue) {
          if (queue.fate === "dropped") return make("span", { class: "bad" }, "dropped: see the emulator's log");
          if (queue.fate !== "filtered")
            return make("span", {}, queue.policy ? "taken: its policy matches " : "taken: it has no filter policy",
              queue.policy ? make("code", {}, queue.policy) : null);
          return make("span", { class: "soft" }, "kept out by ",
            make("code", {}, `${queue.filteredBy}: ${queue.wanted ?? "?"}`),
            queue.found === null || queue.found === undefined ? ", which the message does not have"
              : `, where the message has ${queue.found}`);
        }
        function outcome(result) {
          const counts = Object.entries(result.counts).filter(([name, count]) =>
            count > 0 && !["bytes", "received", "chunks"].includes(name)).map(([name, count]) => `${name} ${count}`);
          const verdict = result.isDone ? "took it" : "did not take it: it comes again";
          return make("li", {}, make("b", { class: result.isDone ? "good" : "bad" },
            `${result.isDone ? "✓" : "✗"} ${result.function} ${verdict}`),
            result.reason ? make("p", { class: "bad" }, [result.reason, result.code].filter(Boolean).join(" · ")) : null,
            counts.length ? soft(`its batch of ${result.counts.received ?? "?"}: ${counts.join(", ")}`) : null,
            (result.rows ?? []).map(row => make("details", {},
              make("summary", {}, "row of ", make("code", {}, row.table), " with ",
                make("code", {}, Object.entries(row.key).map(([name, value]) => `${name}=${value}`).join(" "))),
              terms(Object.entries(row.values)))));
        }
        function queue(one) {
          const before = one.results.length - 3;
          const letter = one.deadLetterQueue ? ` in ${one.deadLetterQueue}` : "";
          const times = one.receives ? `, received ${plural(one.receives, "time")}` : "";
          return make("li", {}, make("b", {}, one.queue), " ", fate(one),
            one.place ? make("p", { class: one.place === "dead_letters" ? "bad" : "soft" },
              (places[one.place] ?? one.place) + letter + times) : null,
            one.results.length ? make("ul", {}, before > 0 ? make("li", { class: "soft" },
              `${plural(before, "attempt")} before`) : null, one.results.slice(-3).map(outcome)) : null);
        }
        function downstream(one) {
          const all = [...one.published, ...one.rejects];
          if (all.length === 0) return [soft("Nothing reached a topic.")];
          return all.slice(0, 100).map(message => make("section", { class: "card" },
            make("h3", {}, message.topic), terms([["SNS id", message.id]]),
            message.queues.length ? make("ul", {}, message.queues.map(queue)) : soft("No queue subscribes to it.")));
        }
        """#
}
