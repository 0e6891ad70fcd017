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
  #connected = false;
  #lost = '';
  #retry = 0;

  /**
   * @param show called with each picture
   * @param tell called with (state, name, lost) when the connection changes; lost is the name of the instance that went before
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
    this.#connected = false;
    this.#last = Date.now();
    const source = new EventSource(`${target.url}/page/stream`);
    source.addEventListener('picture', (event) => this.#arrived(source, JSON.parse(event.data)));
    source.addEventListener('alive', () => { if (source === this.#source) this.#last = Date.now(); });
    source.onerror = () => this.#failed(source);
    this.#source = source;
  }

  #arrived(source, picture) {
    if (source !== this.#source) return;
    this.#last = Date.now();
    this.#known = picture.instances;
    const self = picture.instances.find((one) => one.name === picture.here);
    this.#target = { name: picture.here, url: self?.url ?? this.#target.url };
    if (!this.#connected) {
      this.#connected = true;
      this.#tell('connected', picture.here, this.#lost === picture.here ? '' : this.#lost);
      this.#lost = '';
    }
    this.#show(picture);
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
    if (this.#connected) {
      this.#lost = this.#target.name;
      this.#tell('lost', this.#target.name, '');
    }
    this.#connected = false;
    this.#last = Date.now();
    this.#source?.close();
    this.#source = null;
    const next = this.#next();
    this.#target = next;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#open(next), BREATH);
  }

  // One after the other, those that were there last before those that were silent.
  #next() {
    const ring = [...this.#known].sort((a, b) => (a.silentMillis > SILENCE) - (b.silentMillis > SILENCE));
    if (ring.length === 0) return this.#target;
    const present = ring.findIndex((one) => one.url === this.#target.url);
    return ring[(present + 1) % ring.length];
  }
}
