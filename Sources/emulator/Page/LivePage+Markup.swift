extension LivePage {
    /// What is in the document before the script fills it.
    static let markup = #"""

        <header>
          <h1>Inlet <small>emulator</small></h1>
          <div id="flow" aria-label="Where requests go"></div>
          <div id="faults" role="group" aria-label="Faults"></div>
        </header>
        <form id="bar" role="search">
          <input type="search" data-action="search" placeholder="Search id, path, partner, code ( / )"
            aria-label="Search">
          <select data-filter="sender" aria-label="Sender"></select>
          <select data-filter="partner" aria-label="Partner"></select>
          <select data-filter="status" aria-label="Status"></select>
          <select data-filter="outcome" aria-label="Outcome"></select>
          <button type="button" data-action="pause" aria-pressed="false" title="p">Pause</button>
          <button type="button" data-action="sample" title="s">Send a sample</button>
          <button type="button" data-action="clear">Clear</button>
          <span id="state" role="status"></span>
        </form>
        <main>
          <ol id="list" role="listbox" tabindex="0" aria-label="Requests, newest first"></ol>
          <p id="empty">No request yet. Send one to this address, and it is here.</p>
          <section id="detail" hidden aria-label="Detail"></section>
        </main>
        <dialog id="composer" aria-labelledby="composing">
          <form method="dialog">
            <h2 id="composing">Send a request</h2>
            <p id="note"></p>
            <label id="choice">Partner <select name="partner"></select></label>
            <label id="asked">Its token, which the emulator has not seen yet
              <input name="token" type="password" autocomplete="off"></label>
            <div class="line"><input name="method" size="7" aria-label="Method">
              <input name="target" aria-label="Path and query"></div>
            <label>Headers, a line each <textarea name="headers" rows="5" spellcheck="false"></textarea></label>
            <label>Body <textarea name="body" rows="12" spellcheck="false" autofocus></textarea></label>
            <label id="signing" class="line"><input name="sign" type="checkbox"> <span id="scheme"></span></label>
            <div class="line"><button value="send">Send</button>
              <button value="cancel" formnovalidate>Cancel</button></div>
          </form>
        </dialog>
        """#
}
