import { text } from './elements.js';
import { showInstances } from './instances.js';
import { showLocks } from './locks.js';
import { showSales } from './sales.js';
import { Happenings } from './happenings.js';
import { Charts } from './charts.js';
import { Trial } from './trial.js';
import { Stream } from './stream.js';

const at = (id) => document.getElementById(id);

// What comes together is told together.
const TOGETHER = 3000;
let told = 0;
function say(words) {
  const now = Date.now();
  text(at('news'), now - told < TOGETHER ? `${at('news').textContent} ${words}` : words);
  told = now;
}

const charts = new Charts();
const happenings = new Happenings(at('happenings'), say);
const stream = new Stream(show, tell);
const trial = new Trial(stream, (words) => text(at('answer'), words));

function show(picture) {
  document.querySelectorAll('.here').forEach((here) => text(here, picture.here));
  showInstances(at('instances'), picture, (one) => stream.lookThrough(one));
  showLocks(at('locks'), picture);
  at('locks-table').hidden = picture.locks.length === 0;
  at('locks-none').hidden = picture.locks.length > 0 || picture.locksError !== null;
  at('locks-error').hidden = picture.locksError === null;
  text(at('locks-error'), picture.locksError ?? '');
  showSales(at('sales-with'), at('sales-without'), picture.sales);
  happenings.show(picture.happenings);
  charts.show(picture);
  trial.show(picture);
}

function tell(state, name, about) {
  const before = at('connection').dataset.state;
  at('connection').dataset.state = state;
  text(at('connection'), words(state, name, about));
  if (state === 'blind' && before !== 'blind') say(`${name} has no picture.`);
  if (state === 'connected' && before === 'blind') say(`There is a picture again, from ${name}.`);
  if (state === 'lost') say(`${name} does not answer.`);
  if (state === 'connected' && about) say(`${about} does not answer. The page goes on through ${name}.`);
}

function words(state, name, about) {
  if (state === 'connected') return `Live, through ${name}`;
  if (state === 'blind') return `No picture from ${name} since ${new Date(about.noPictureSince).toLocaleTimeString()}: ${about.reason}`;
  return `${name} does not answer; trying the others…`;
}

stream.start();
