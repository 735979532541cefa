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
            else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value);
          node.append(...children.flat().filter(child => child !== null && child !== undefined));
          return node;
        }
        const soft = text => make("p", { class: "soft" }, text);
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
        const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;
        function terms(pairs) {
          return make("dl", {}, pairs.flatMap(([name, value]) => [make("dt", {}, name),
            make("dd", {}, value === null || value === undefined ? "–" : value instanceof Node ? value : String(value))]));
        }
        """#

    /// Texts as they are shown: JSON indented, and parts of it marked.
    static let texts = #"""
        /** A pre of a text with marks, whose places are counted in characters of the text. */
        function pre(text, marks = []) {
          const isJSON = (() => { try { JSON.parse(text); return true; } catch { return false; } })();
          const letters = [...text], pieces = [], ends = [];
          const sorted = [...marks].sort((one, other) => one.start - other.start);
          let out = "", depth = 0, isString = false, isEscaped = false, open = null, next = 0;
          const line = () => "\n" + "  ".repeat(depth);
          const cut = () => { if (out) pieces.push(open ? make("mark", { title: open.why }, out) : out); out = ""; };
          letters.forEach((letter, place) => {
            if (open && place >= open.end) { cut(); open = null; }
            while (sorted[next] && sorted[next].start < place) next++;
            if (!open && sorted[next]?.start === place) { cut(); open = sorted[next++]; }
            if (!isJSON) out += letter;
            else if (isString) {
              out += letter;
              if (isEscaped) isEscaped = false;
              else if (letter === "\\") isEscaped = true;
              else if (letter === '"') isString = false;
            } else if (letter === '"') { isString = true; out += letter; }
            else if (letter === "{" || letter === "[") { ends.push(isHollow(letters, place)); depth++;
              out += letter + (ends.at(-1) ? "" : line()); }
            else if (letter === "}" || letter === "]") { depth--; out += (ends.pop() ? "" : line()) + letter; }
            else if (letter === ",") out += letter + line();
            else if (letter === ":") out += ": ";
            else if (!/\s/.test(letter)) out += letter;
          });
          cut();
          return make("pre", { tabindex: 0 }, ...pieces);
        }
        /** True if nothing stands between a bracket and its end. */
        function isHollow(letters, place) {
          let at = place + 1;
          while (/\s/.test(letters[at] ?? "")) at++;
          return letters[at] === "}" || letters[at] === "]";
        }
        /** A body, indented if it is JSON, with its marks, and as it came. */
        function body(part, isTrimmed, marks = []) {
          if (part.bytes === 0)
            return soft(isTrimmed ? "Its body was given up for newer requests." : "No body.");
          if (part.body === null)
            return soft(`${part.bytes} bytes that are no text; not shown, as a key in them cannot be hidden.`);
          const raw = make("pre", { tabindex: 0 }, part.body);
          return make("div", {}, pre(part.body, marks), make("details", {}, make("summary", {},
            `Raw, ${plural(part.bytes, "byte")}` + (part.isInflated ? ", here without gzip" : "")), raw));
        }
        """#
}
