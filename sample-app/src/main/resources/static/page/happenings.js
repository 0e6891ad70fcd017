import { element, keep } from './elements.js';

const TOLD = new Set(['CRASH', 'FREEZE', 'STOOD_STILL', 'LOST', 'REFUSED', 'TAKE_OVER']);

/** The list of what happened; says what is new and worth hearing. */
export class Happenings {
  #list;
  #say;
  #told = null;

  constructor(list, say) {
    this.#list = list;
    this.#say = say;
  }

  show(happenings) {
    keep(this.#list, happenings, (one) => one.id, create, () => {});
    const newest = happenings[0]?.id ?? 0;
    if (this.#told !== null) {
      const fresh = happenings.filter((one) => one.id > this.#told && TOLD.has(one.kind)).reverse();
      if (fresh.length > 0) this.#say(fresh.map((one) => `${one.instance}: ${one.words}`).join(' '));
    }
    this.#told = newest;
  }
}

function create(one) {
  const at = new Date(one.at);
  const made = element('li', { 'data-kind': one.kind, 'data-instance': one.instance, 'data-lock': one.lock },
    element('time', { dateTime: one.at }, at.toLocaleTimeString()), ' ', element('strong', {}, one.instance), ` ${one.words}`);
  return made;
}
