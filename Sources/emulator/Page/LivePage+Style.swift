extension LivePage {
    /// Light and dark by the system's choice; one column up to 860 px.
    static let style = #"""

        :root { color-scheme: light dark; --back: #fff; --face: #f5f6f8; --line: #d8dbe2; --text: #1b1e25;
          --soft: #5d6472; --good: #0a7a3d; --warn: #955800; --bad: #b3261e; --mark: #1f5fc4; }
        @media (prefers-color-scheme: dark) { :root { --back: #14161b; --face: #1d2027; --line: #363b46;
          --text: #e7e9ee; --soft: #a0a7b5; --good: #5dcf8e; --warn: #f0b45b; --bad: #ff8a80;
          --mark: #8ab4ff; } }
        * { box-sizing: border-box; }
        body { margin: 0; font: 14px/1.45 system-ui, sans-serif; color: var(--text);
          background: var(--back); }
        header, #bar { padding: .5rem .75rem; display: flex; flex-wrap: wrap; gap: .5rem;
          align-items: center; }
        header { background: var(--face); border-bottom: 1px solid var(--line); }
        h1 { font-size: 1.1rem; margin: 0 .5rem 0 0; } h1 small { color: var(--soft); font-weight: 400; }
        h2, h3 { font-size: 1rem; margin: .75rem 0 .25rem; }
        #flow { display: flex; flex-wrap: wrap; gap: .25rem .35rem; align-items: center; flex: 1 1 14rem; }
        #flow span { border: 1px solid var(--line); border-radius: 6px; padding: .1rem .45rem;
          background: var(--back); white-space: nowrap; }
        #flow b { font-variant-numeric: tabular-nums; } #flow i { color: var(--soft); font-style: normal; }
        #flow .moved { border-color: var(--mark); box-shadow: 0 0 0 1px var(--mark); }
        #faults { display: flex; flex-wrap: wrap; gap: .35rem; }
        button, select, input, textarea { font: inherit; color: inherit; background: var(--back);
          border: 1px solid var(--line); border-radius: 6px; padding: .25rem .5rem; max-width: 100%; }
        [aria-disabled=true], :disabled { opacity: .6; cursor: not-allowed; }
        button { cursor: pointer; } button:hover { border-color: var(--mark); }
        [aria-pressed=true] { background: var(--bad); color: var(--back); border-color: var(--bad); }
        :focus-visible { outline: 2px solid var(--mark); outline-offset: 1px; }
        #bar input { flex: 1 1 14rem; } #state { color: var(--soft); }
        main { display: grid; grid-template-columns: minmax(0, 1fr); }
        main.open { grid-template-columns: minmax(0, 5fr) minmax(0, 6fr); }
        #list { list-style: none; margin: 0; padding: 0; }
        #list li { display: grid; gap: 0 .6rem; padding: .3rem .75rem; border-bottom: 1px solid var(--line);
          grid-template-columns: 6.5rem 2.6rem minmax(6rem, 2fr) minmax(0, 2fr) minmax(0, 2fr) 4.5rem;
          cursor: pointer; }
        main.open #list li { grid-template-columns: 6.5rem 2.6rem minmax(6rem, 1fr) minmax(0, 1fr); }
        main.open #list .wide { display: none; }
        #list li > * { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
        #list li[hidden] { display: none; }
        #list li:hover, #list [aria-selected=true] { background: var(--face); }
        #list [aria-selected=true] { box-shadow: inset 3px 0 var(--mark); }
        .time, .soft { color: var(--soft); } .time, .status, .ms { font-variant-numeric: tabular-nums; }
        .ms { text-align: right; color: var(--soft); }
        .mark { color: var(--mark); } .good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); }
        #empty { padding: 1.5rem .75rem; color: var(--soft); }
        #detail { border-left: 1px solid var(--line); padding: .5rem .75rem; position: sticky; top: 0;
          max-height: 100vh; overflow: auto; min-width: 0; }
        #detail nav, .line { display: flex; flex-wrap: wrap; gap: .35rem; margin: .4rem 0;
          align-items: center; }
        [role=tab] { border-radius: 6px 6px 0 0; }
        [role=tab][aria-selected=true] { border-color: var(--mark); color: var(--mark); }
        pre { background: var(--face); border: 1px solid var(--line); border-radius: 6px; padding: .5rem;
          overflow: auto; max-height: 30rem; margin: .25rem 0; white-space: pre-wrap;
          overflow-wrap: anywhere; font: 12px/1.45 ui-monospace, monospace; }
        .pair { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: .5rem; }
        dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0 .75rem; margin: .25rem 0; }
        dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; } ul { padding-left: 1.2rem; }
        mark { background: none; color: var(--bad); font-weight: 700; text-decoration: underline wavy; }
        h4 { font-size: .85rem; margin: .3rem 0 0; color: var(--soft); font-weight: 600; }
        code { font: 12px ui-monospace, monospace; overflow-wrap: anywhere; }
        .card { border: 1px solid var(--line); border-radius: 8px; padding: .25rem .75rem .5rem; margin: .6rem 0; }
        .card h3 { overflow-wrap: anywhere; } .card p, .steps p { margin: .2rem 0; }
        .changes { border-collapse: collapse; width: 100%; }
        .changes td { padding: .1rem .6rem .1rem 0; vertical-align: top; overflow-wrap: anywhere; }
        .changes td:first-child { white-space: nowrap; } .changes code { overflow-wrap: break-word; }
        .steps { list-style: none; padding: 0; } .steps ul { list-style: none; padding: 0; margin: .2rem 0; }
        .steps > li { display: flex; gap: .6rem; padding: .35rem 0; border-bottom: 1px solid var(--line); }
        .steps > li > div { min-width: 0; flex: 1; }
        .path { overflow-wrap: anywhere; }
        dialog [hidden] { display: none; } dialog label { display: block; margin: .3rem 0; }
        dialog { width: min(46rem, 96vw); color: inherit; background: var(--back);
          border: 1px solid var(--line); border-radius: 8px; }
        dialog textarea { width: 100%; font: 12px/1.45 ui-monospace, monospace; }
        dialog [name=target] { flex: 1; min-width: 8rem; }
        @media (max-width: 860px) {
          main.open { grid-template-columns: minmax(0, 1fr); }
          #list li, main.open #list li { grid-template-columns: 6.2rem 2.4rem minmax(0, 1fr); }
          #list .wide { display: none; } #list .who { grid-column: 1 / -1; }
          #detail { position: fixed; inset: 0; max-height: none; background: var(--back); border: 0; z-index: 1; }
          .pair { grid-template-columns: minmax(0, 1fr); }
        }
        @media (prefers-reduced-motion: no-preference) { #flow span { transition: box-shadow .4s; } }
        """#
}
