// Three small things that HTML alone cannot do.

/** <log-tail>: stays at the newest line while the reader is there; does not move under one who has scrolled up. */
class LogTail extends HTMLElement {
  #follows = true;
  #changes = new MutationObserver(() => { if (this.#follows) this.scrollTop = this.scrollHeight; });

  connectedCallback() {
    this.addEventListener('scroll', () => { this.#follows = this.scrollTop + this.clientHeight >= this.scrollHeight - 24; });
    this.#changes.observe(this, { childList: true });
    this.scrollTop = this.scrollHeight;
  }

  disconnectedCallback() { this.#changes.disconnect(); }
}

/** <picture-gallery>: its links open in a dialog; arrow keys walk, Escape closes. */
class PictureGallery extends HTMLElement {
  #dialog = null;
  #at = 0;

  connectedCallback() {
    this.addEventListener('click', (event) => {
      const link = event.target.closest('a');
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.#show([...this.querySelectorAll('a')].indexOf(link));
    });
  }

  disconnectedCallback() { this.#dialog?.remove(); }

  #show(index) {
    const links = [...this.querySelectorAll('a')];
    this.#at = (index + links.length) % links.length;
    const link = links[this.#at];
    this.#dialog ??= this.#build();
    this.#dialog.querySelector('img').src = link.href;
    this.#dialog.querySelector('img').alt = link.dataset.caption;
    this.#dialog.querySelector('.caption').textContent = `${link.dataset.caption} (${this.#at + 1} of ${links.length})`;
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  #build() {
    const button = (text, act) => Object.assign(document.createElement('button'), { type: 'button', className: 'button', textContent: text, onclick: act });
    const dialog = Object.assign(document.createElement('dialog'), { className: 'lightbox' });
    const footer = document.createElement('footer');
    footer.append(
      Object.assign(document.createElement('span'), { className: 'caption' }),
      Object.assign(document.createElement('span'), { className: 'spring' }),
      button('Previous', () => this.#show(this.#at - 1)), button('Next', () => this.#show(this.#at + 1)), button('Close', () => dialog.close()));
    dialog.append(document.createElement('img'), footer);
    dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
    dialog.addEventListener('keydown', (event) => {
      if (event.key === 'ArrowLeft') this.#show(this.#at - 1);
      if (event.key === 'ArrowRight') this.#show(this.#at + 1);
    });
    document.body.append(dialog);
    return dialog;
  }
}

customElements.define('log-tail', LogTail);
customElements.define('picture-gallery', PictureGallery);

// A dashboard that was restarted knows nothing of this page's live part: load it again. So does one that lets this reader in no longer: it asks for a sign-in.
document.getElementById('components-reconnect-modal')?.addEventListener('components-reconnect-state-changed', async (event) => {
  if (event.detail.state === 'rejected') location.reload();
  if (event.detail.state !== 'show') return;
  const answer = await fetch('/session').catch(() => null);
  if (answer?.status === 401) location.reload();
});
