import { isWithout } from './sales.js';

const PRESENT = 3000;

/** The buttons. Each says what came of it. */
export class Trial {
  #stream;
  #say;
  #picture = null;
  #buttons = ['book', 'hammer-with', 'hammer-without', 'crash', 'freeze'].map((id) => document.getElementById(id));

  constructor(stream, say) {
    this.#stream = stream;
    this.#say = say;
    const [book, hammerWith, hammerWithout, crash, freeze] = this.#buttons;
    this.#on(book, () => this.#book());
    this.#on(hammerWith, () => this.#hammer(true));
    this.#on(hammerWithout, () => this.#hammer(false));
    this.#on(crash, async () => (await post(this.#stream.url, 'crash')).text);
    this.#on(freeze, async () => (await post(this.#stream.url, 'freeze')).text);
    this.#enable(false);
  }

  show(picture) {
    this.#picture = picture;
    document.getElementById('controls-off').hidden = picture.controls;
    this.#enable(picture.controls);
    const [, hammerWith, hammerWithout, crash, freeze] = this.#buttons;
    hammerWith.textContent = `Hammer for ${picture.hammerSeconds} s with the lock`;
    hammerWithout.textContent = `Hammer for ${picture.hammerSeconds} s without the lock`;
    crash.textContent = `Crash ${picture.here}`;
    freeze.textContent = `Freeze ${picture.here} for ${picture.freezeSeconds} s`;
  }

  #enable(on) {
    this.#buttons.forEach((button) => { button.disabled = !on; });
  }

  #on(button, action) {
    button.addEventListener('click', async () => {
      const name = this.#picture.here;
      try {
        this.#say(`${name}: ${await action()}`);
      } catch (failure) {
        this.#say(`${name}: ${failure.message}`);
      }
    });
  }

  async #book() {
    const onSale = this.#picture.sales.find((sale) => !isWithout(sale) && sale.locked < sale.seats);
    const event = onSale?.id ?? (await post(this.#stream.url, 'events', { locked: true })).id;
    const ticket = await post(this.#stream.url, 'bookings', { event });
    return `sold a ticket of event ${ticket.eventId} with token ${ticket.fence}.`;
  }

  // All instances at once, or there would be nothing for the lock to do between them.
  async #hammer(locked) {
    const event = (await post(this.#stream.url, 'events', { locked })).id;
    const present = this.#picture.instances.filter((one) => one.silentMillis < PRESENT);
    const answers = await Promise.all(present.map((one) => post(one.url, 'hammer', { event, locked })
      .then(() => one.name, (failure) => `${one.name} (${failure.message})`)));
    return `customers rush in at ${answers.join(' and ')}, ${locked ? 'with' : 'without'} the lock.`;
  }
}

async function post(url, what, parameters = {}) {
  let answer;
  try {
    answer = await fetch(`${url}/trial/${what}?${new URLSearchParams(parameters)}`, { method: 'POST' });
  } catch {
    throw new Error('does not answer.');
  }
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.detail ?? `HTTP ${answer.status}`);
  return body;
}
