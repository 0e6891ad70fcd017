import { text } from './elements.js';

/* global Chart */

export class Charts {
  #waits;
  #handOvers;

  constructor() {
    this.#waits = bars('waits-chart', ['tickets'], 'tickets');
    this.#handOvers = bars('hand-overs-chart', ['to another instance', 'within an instance'], 'locks');
    this.#colour();
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#colour());
  }

  show(picture) {
    const { upTo, counts } = picture.waits;
    fill(this.#waits, [...upTo.map((bound) => `≤ ${short(bound)}`), `> ${short(upTo[upTo.length - 1])}`], [counts]);
    text(document.getElementById('waits-text'), waitsInWords(upTo, counts));
    const bars = picture.handOvers;
    const now = Date.parse(picture.at);
    fill(this.#handOvers, bars.map((bar) => `${Math.round((Date.parse(bar.second) - now) / 1000)} s`),
      [bars.map((bar) => bar.between), bars.map((bar) => bar.within)]);
    text(document.getElementById('hand-overs-text'),
      `${sum(bars.map((bar) => bar.between))} times a lock went to another instance, ${sum(bars.map((bar) => bar.within))} times to`
      + ' the next caller of the same one, as the tokens in the database tell.');
  }

  #colour() {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    for (const chart of [this.#waits, this.#handOvers]) {
      chart.data.datasets.forEach((set, index) => { set.backgroundColor = colour(index === 0 ? '--accent' : '--faint'); });
      chart.options.plugins.legend.labels.color = colour('--ink');
      for (const axis of Object.values(chart.options.scales)) {
        axis.ticks.color = colour('--faint');
        axis.grid.color = colour('--line');
        axis.title.color = colour('--faint');
      }
      chart.update('none');
    }
  }
}

function bars(id, labels, what) {
  return new Chart(document.getElementById(id), {
    type: 'bar',
    data: { labels: [], datasets: labels.map((label) => ({ label, data: [] })) },
    options: {
      animation: false,
      maintainAspectRatio: false,
      plugins: { legend: { display: labels.length > 1, labels: {} } },
      scales: {
        x: { stacked: true, ticks: { maxRotation: 60, autoSkip: true }, grid: { display: false }, title: {} },
        y: { stacked: true, beginAtZero: true, ticks: { precision: 0 }, grid: {}, title: { display: true, text: what } },
      },
    },
  });
}

function fill(chart, labels, series) {
  const fresh = JSON.stringify([labels, series]);
  if (chart.shown === fresh) return;
  chart.shown = fresh;
  chart.data.labels = labels;
  series.forEach((data, index) => { chart.data.datasets[index].data = data; });
  chart.update('none');
}

function waitsInWords(upTo, counts) {
  const all = sum(counts);
  if (all === 0) return 'No ticket was sold with the lock yet.';
  let seen = 0;
  const half = counts.findIndex((count) => (seen += count) * 2 >= all);
  return `${all} tickets of the latest events. Half of the customers waited at most ${half < upTo.length ? short(upTo[half]) : 'longer'}.`;
}

function short(millis) {
  return millis < 1000 ? `${millis} ms` : `${millis / 1000} s`;
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}
