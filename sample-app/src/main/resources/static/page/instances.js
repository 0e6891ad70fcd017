import { element, keep, text } from './elements.js';

export const SILENT = 2500;

/** The list of instances; lookThrough is called with the one that was chosen. */
export function showInstances(list, picture, lookThrough) {
  keep(list, picture.instances, (one) => `${one.url} ${one.host} ${one.pid}`, (one) => {
    const button = element('button', { type: 'button', className: 'plain' });
    button.addEventListener('click', () => lookThrough(button.instance));
    return element('li', {}, element('span', { className: 'name' }, one.name),
      element('span', { className: 'what' }), element('a', { href: one.url }, one.url.replace(/^https?:\/\//, '')), button);
  }, (item, one) => {
    const here = one.name === picture.here;
    const silent = one.silentMillis > SILENT;
    item.dataset.silent = silent;
    item.dataset.name = one.name;
    item.setAttribute('aria-current', here);
    const button = item.querySelector('button');
    button.instance = one;
    button.disabled = here;
    text(button, here ? 'Here' : `Look from ${one.name}`);
    text(item.querySelector('.what'), `process ${one.pid} on ${one.host}${silent ? `, silent for ${seconds(one)}` : ''}`);
  });
}

function seconds(one) {
  return `${Math.round(one.silentMillis / 1000)} s`;
}
