// Keys of the desk. They only press links and buttons that are on the page, are off while typing and in dialogs,
// and can be switched off by each person (WCAG 2.1.4).
const $ = (selector, root = document) => root.querySelector(selector);
const rows = () => [...document.querySelectorAll('.row')];
const here = () => $('.row:has(.a[aria-current])') ?? $('.row');
const wide = matchMedia('(min-width: 64rem)');
const live = $('#live'), toast = $('[data-toast]');
// Until the case of the marked row has come, the pane still shows the one before: no key acts on that.
const arrived = () => {
  const marked = $('.row:has(.a[aria-current])'), open = $('#detail')?.dataset.open;
  return !marked || !open || $('.tick', marked).value.startsWith(`${open}.`);
};
const plain = e => !(e.ctrlKey || e.metaKey || e.altKey || e.shiftKey);

let soon; // The row where a key that is held may come to rest.
function mark(row) {
  clearTimeout(soon);
  document.querySelectorAll('.row .a[aria-current]').forEach(a => a.removeAttribute('aria-current'));
  $('.a', row).setAttribute('aria-current', 'true');
  row.classList.remove('new');
}
function open(row, held) {
  if (!row) return;
  const link = $('.a', row);
  mark(row);
  // The request leaves before anything makes the browser lay the page out: the server works meanwhile. Only a key that
  // is held waits, 80 ms: a case that was flown over is not one that was looked at.
  if (wide.matches && held) soon = setTimeout(() => link.click(), 80);
  else if (wide.matches) link.click();
  link.focus({ preventScroll: true });
  row.scrollIntoView({ block: 'nearest' });
}
function step(by, held) {
  const all = rows();
  open(all[Math.max(0, Math.min(all.length - 1, all.indexOf(here()) + by))], held);
}
function unfold(field) {
  field.closest('details').open = true;
  field.focus();
  field.scrollIntoView({ block: 'center' });
}
function press(key) {
  // What was just done is taken back first; then the open case; then whatever else the page offers.
  const button = [toast, arrived() && $('#detail'), $('main')].map(part => part && $(`[data-key="${key}"]`, part)).find(Boolean);
  if (key === 'u' && !button && here()) return $('[form^=undo-]', here())?.click();
  if (button?.matches('details:not([open]) *')) button.closest('details').open = true;
  button?.click();
  return button;
}
const acts = {
  j: held => step(1, held), k: held => step(-1, held), x: () => here() && $('.tick', here()).click(),
  n: () => { const note = $('#note'); if (note && arrived()) unfold(note); },
  '/': () => $('#q').focus(), '?': () => $('#help').showModal(),
};

document.addEventListener('keydown', e => {
  if (!document.body.dataset.keys || document.body.dataset.keys === 'off' || e.ctrlKey || e.metaKey || e.altKey || e.repeat && e.key !== 'j' && e.key !== 'k') return;
  const dialog = $('dialog[open]');
  if (dialog) { const yes = $(`[data-key="${CSS.escape(e.key)}"]`, dialog); if (yes) { e.preventDefault(); yes.click(); } return; }
  if (e.target.closest('input:not([type=checkbox], [type=radio]), textarea, select')) return;
  if (acts[e.key] && (rows().length || !'jkx'.includes(e.key))) { e.preventDefault(); acts[e.key](e.repeat); return; }
  if (/^([admcuy1-9]|Escape)$/.test(e.key) && press(e.key)) e.preventDefault();
});

document.addEventListener('click', e => {
  const link = e.target.closest('.row .a');
  // On a phone, and for a new tab, a row is an ordinary link: the script that fills the pane must not see the press.
  if (link && !(wide.matches && plain(e))) e.stopPropagation();
}, true);
document.addEventListener('click', e => {
  const link = e.target.closest('.row .a');
  if (link) mark(link.closest('.row'));
  const opener = e.target.closest('[data-opens]'), shower = e.target.closest('[data-shows]');
  const dialog = opener && $(`#${opener.dataset.opens}`), field = shower && $(`#${shower.dataset.shows}`);
  if (dialog) { e.preventDefault(); dialog.showModal(); }
  if (field) { e.preventDefault(); unfold(field); }
  const ground = e.target.closest('input[type=radio][data-key]');
  if (ground) ground.focus();
});
document.addEventListener('submit', e => {
  // A key pressed twice must not decide twice. What only closes a dialog, or brings a file, leaves the page as it is.
  const button = e.submitter, to = button?.getAttribute('formaction') ?? e.target.action;
  if (button?.formMethod === 'dialog' || /\/(preview|export|evidence\/[^/]+)$/.test(to)) return;
  if (e.target.dataset.sent) e.preventDefault();
  else if (e.target.method === 'post') e.target.dataset.sent = 'yes';
});
addEventListener('pageshow', () => document.querySelectorAll('[data-sent]').forEach(form => { delete form.dataset.sent; }));
document.addEventListener('change', e => {
  const field = e.target.dataset.fills && $(`#${e.target.dataset.fills}`);
  if (field) {
    field.value = e.target.selectedOptions[0].dataset.text ?? '';
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }
  const count = $('.bulk output');
  if (count && e.target.matches('.tick')) count.textContent = `${document.querySelectorAll('.tick:checked').length} ${count.dataset.count}`;
});

// What is being written about a case stays while others are looked at. It is kept in this page only.
const drafts = new Map();
const name = field => `${field.form?.action} ${field.name}`;
document.addEventListener('input', e => { if (e.target.matches('#detail textarea')) drafts.set(name(e.target), e.target.value); });
document.addEventListener('htmx:after:swap', () => {
  document.querySelectorAll('#detail textarea').forEach(field => {
    if (drafts.get(name(field))) { field.value = drafts.get(name(field)); field.closest('details').open = true; }
  });
  const heading = $('#detail-h');
  if (heading && live) live.textContent = heading.textContent;
});
// A page that says no (session over, moved, broken) is shown whole, never inside the pane.
document.addEventListener('htmx:before:swap', e => {
  const { response, request, sourceElement } = e.detail.ctx ?? {};
  if (!(response?.status >= 400)) return;
  e.preventDefault();
  if (sourceElement?.href) location.assign(sourceElement.href);
  else if (response.status !== 422 && request?.method === 'GET') location.reload();
});

// Every half minute a page that is looked at asks who else has the case open, what the numbers are now, and how many
// rows are new. Only these words change: no row moves by itself, and what has the focus is left alone.
const openCase = () => $('[data-open]'), liveAt = document.body.dataset.liveAt;
async function look() {
  if (document.hidden || !liveAt) return;
  const asked = new URLSearchParams({ view: document.body.dataset.view, open: openCase()?.dataset.open ?? '' });
  if (openCase()?.hasAttribute('data-chosen')) asked.append('chosen', 'yes');
  if ($('#rows')) asked.append('list', 'yes');
  rows().forEach(row => asked.append('id', $('.tick', row).value));
  const answer = await fetch(liveAt, { method: 'POST', body: asked, headers: { 'HX-Request': 'true' } }).catch(() => {});
  if (!answer?.ok) return;
  const now = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const seen = $('[data-seen]', now)?.dataset.seen, told = [];
  if (seen && openCase()) openCase().dataset.seen = seen;
  now.querySelectorAll('[data-live]').forEach(part => {
    const old = $(`[data-live="${CSS.escape(part.dataset.live)}"]`);
    if (!old || old.innerHTML === part.innerHTML || old.contains(document.activeElement)) return;
    if (/^(fresh|here-)/.test(part.dataset.live)) told.push(part.textContent.trim());
    old.replaceWith(part);
  });
  if (told.join('')) live.textContent = told.join(' ');
}
// What a list opened by itself is nobody's until they write in it.
document.addEventListener('input', e => e.target.closest('[data-open]')?.setAttribute('data-chosen', ''));
setInterval(look, 30000);
document.addEventListener('visibilitychange', look);
addEventListener('pagehide', () => {
  const left = openCase()?.dataset.seen;
  if (left && liveAt) navigator.sendBeacon(liveAt, new URLSearchParams({ left }));
});

const said = new URL(location.href);
if (said.searchParams.has('said')) {
  for (const key of ['said', 'ref', 'done', 'of']) said.searchParams.delete(key);
  history.replaceState(null, '', said);
  if (here()) $('.a', here()).focus({ preventScroll: true });
}
$('[data-focus]')?.focus();
if (toast && !toast.hidden) {
  const away = () => { if (toast.matches(':hover, :focus-within')) setTimeout(away, 2000); else toast.hidden = true; };
  setTimeout(away, 10000);
}
