// Looks through one instance, and through another when that one does not answer.

const SILENCE = 4000;
const BREATH = 500;

export class Stream {
  #show;
  #tell;
  #source = null;
  #target = { name: '', url: location.origin };
  #known = [];
  #last = 0;
  #state = 'waiting';
  #lost = '';
  #retry = 0;

  /**
   * @param show called with each picture
   * @param tell called with (state, name, about) when the connection changes: 'connected' (about is the name of the instance that went
   *     before), 'blind' to an instance that has no picture (about says since when and why, once a second), 'lost'
   */
  constructor(show, tell) {
    this.#show = show;
    this.#tell = tell;
  }

  start() {
    this.#open(this.#target);
    setInterval(() => this.#check(), BREATH);
  }

  get url() {
    return this.#target.url;
  }

  /** Looks through this one from now on. */
  lookThrough(instance) {
    this.#lost = '';
    this.#open(instance);
  }

  #open(target) {
    clearTimeout(this.#retry);
    this.#source?.close();
    this.#target = target;
    this.#state = 'waiting';
    this.#last = Date.now();
    const source = new EventSource(`${target.url}/page/stream`);
    source.addEventListener('picture', (event) => this.#arrived(source, JSON.parse(event.data)));
    source.addEventListener('alive', (event) => this.#alive(source, JSON.parse(event.data)));
    source.onerror = () => this.#failed(source);
    this.#source = source;
  }

  #arrived(source, picture) {
    if (source !== this.#source) return;
    this.#last = Date.now();
    this.#known = picture.instances;
    const self = picture.instances.find((one) => one.name === picture.here);
    this.#target = { name: picture.here, url: self?.url ?? this.#target.url };
    if (this.#state !== 'connected') {
      this.#state = 'connected';
      this.#tell('connected', picture.here, this.#lost === picture.here ? '' : this.#lost);
      this.#lost = '';
    }
    this.#show(picture);
  }

  // An instance without its database is there, and so are the others: going on would help nobody.
  #alive(source, alive) {
    if (source !== this.#source) return;
    this.#last = Date.now();
    if (alive.noPictureSince === null) return;
    this.#state = 'blind';
    this.#target = { name: alive.here, url: this.#target.url };
    this.#tell('blind', alive.here, alive);
  }

  #failed(source) {
    if (source !== this.#source) return;
    source.close();
    this.#goOn();
  }

  // An instance that is frozen keeps its connections open and says nothing.
  #check() {
    if (Date.now() - this.#last > SILENCE) this.#goOn();
  }

  #goOn() {
    if (this.#state !== 'waiting') {
      this.#lost = this.#target.name;
      this.#tell('lost', this.#target.name, '');
    }
    this.#state = 'waiting';
    this.#last = Date.now();
    this.#source?.close();
    this.#source = null;
    const next = this.#next();
    this.#target = next;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#open(next), BREATH);
  }

  // One after the other, those that were there last before those that were silent. An address that leads to any of them, such as that of a
  // service in front, is worth a try too.
  #next() {
    const ring = [...this.#known].sort((a, b) => (a.silentMillis > SILENCE) - (b.silentMillis > SILENCE));
    if (!ring.some((one) => one.url === location.origin)) ring.push({ name: '', url: location.origin });
    const present = ring.findIndex((one) => one.url === this.#target.url);
    return ring[(present + 1) % ring.length];
  }
}
