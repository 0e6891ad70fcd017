import { element, renew } from './elements.js';

const MOST_CELLS = 60;

/** Events side by side: those sold with the lock, and those with tickets that were sold without. */
export function showSales(withLock, without, sales) {
  const careless = sales.filter((sale) => isWithout(sale));
  side(withLock, sales.filter((sale) => !isWithout(sale)));
  side(without, careless);
}

export function isWithout(sale) {
  return sale.unlocked > 0 || (sale.locked === 0 && sale.title.includes('without'));
}

function side(parent, sales) {
  renew(parent, ...(sales.length === 0
    ? [element('p', { className: 'hint' }, 'Nothing on sale yet.')]
    : sales.slice(0, 3).map(card)));
}

function card(sale) {
  const sold = sale.locked + sale.unlocked;
  const sellers = sale.sellers.map((seller) => `${seller.instance} ${seller.tickets}`).join(', ');
  const made = element('article', { className: 'sale', 'data-event': sale.id, 'data-oversold': sale.oversold, 'data-sold': sold },
    element('h3', {}, `${sale.id}: ${sale.title}`),
    element('p', {}, `${sold} sold of ${sale.seats} seats${sellers ? ` (${sellers})` : ''}`,
      sale.oversold > 0 ? element('span', { className: 'oversold' }, ` ✗ ${sale.oversold} oversold`) : null),
    seats(sale, sold));
  return made;
}

function seats(sale, sold) {
  const drawn = element('div', { className: 'seats', role: 'img',
    'aria-label': `${Math.min(sold, sale.seats)} of ${sale.seats} seats sold, ${sale.oversold} tickets without a seat` });
  const cells = Math.min(sale.seats, 200);
  for (let i = 0; i < cells; i++) drawn.append(element('i', { className: i * sale.seats < sold * cells ? 'sold' : 'free' }));
  for (let i = 0; i < Math.min(sale.oversold, MOST_CELLS); i++) drawn.append(element('i', { className: 'over' }));
  return drawn;
}
