import { element, renew, seconds } from './elements.js';
import { SILENT } from './instances.js';

/** Who holds and who waits, one row for each name. */
export function showLocks(body, picture) {
  const at = Date.parse(picture.at);
  const silent = new Set(picture.instances.filter((one) => one.silentMillis > SILENT).map((one) => one.name));
  renew(body, ...picture.locks.map((lock) => row(lock, at, silent)));
}

function row(lock, at, silent) {
  const gone = lock.holders.some((holder) => silent.has(holder.instance));
  const made = element('tr', {}, cell('Lock', lock.name, lock.kind === 'exclusive' ? null : small(lock.kind)),
    cell('Held by', ...lock.holders.flatMap((holder) => owner(holder, silent))),
    cell('Since', ...lock.holders.map((holder) => document.createTextNode(since(holder, at)))),
    cell('Token', ...lock.holders.map((holder) => token(holder))),
    cell('Waiting', waiters(lock, at)));
  made.setAttribute('data-lock', lock.name);
  made.setAttribute('data-silent', gone);
  made.setAttribute('data-holder', lock.holders.map((holder) => holder.instance ?? '').join(' '));
  return made;
}

function cell(label, ...children) {
  return element('td', { 'data-label': label }, ...children);
}

function small(words) {
  return element('span', { className: 'small' }, words);
}

function owner(holder, silent) {
  if (!silent.has(holder.instance)) return [name(holder), small(holder.owner)];
  const rest = holder.remainingMillis === null ? '' : `, its lease ends in ${seconds(holder.remainingMillis)}`;
  return [name(holder), small(`${holder.owner}: silent${rest}`)];
}

function name(entry) {
  return element('strong', {}, entry.instance ?? '?');
}

function since(entry, at) {
  return entry.since === null ? '' : `${seconds(at - Date.parse(entry.since))}`;
}

// Until it has written, a holder's token is known to itself only; it is not smaller than its place.
function token(holder) {
  return document.createTextNode(holder.token === null ? `≥ ${holder.place}` : String(holder.token));
}

function waiters(lock, at) {
  if (lock.waiters.length === 0) return '';
  return element('ol', {}, ...lock.waiters.map((waiter) => element('li', { className: 'tag', title: waiter.owner },
    `${waiter.instance ?? waiter.owner}, ${since(waiter, at)}`)));
}
