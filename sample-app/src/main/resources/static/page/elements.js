// Building and renewing parts of the page, without touching what has not changed: focus and selection stay where they are.

export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith('data-') || name.startsWith('aria-') || name === 'role') made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** Puts the children in, unless they look as those that are there. */
export function renew(parent, ...children) {
  const fresh = document.createElement(parent.tagName);
  fresh.append(...children.filter((child) => child !== null));
  if (fresh.innerHTML !== parent.innerHTML) parent.replaceChildren(...fresh.childNodes);
}

export function text(target, words) {
  if (target.textContent !== words) target.textContent = words;
}

/** One child for each item, kept as long as the item is there. */
export function keep(parent, items, keyOf, create, update) {
  const present = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  items.forEach((item, index) => {
    const key = String(keyOf(item));
    let child = present.get(key);
    if (!child) {
      child = create(item);
      child.dataset.key = key;
    }
    present.delete(key);
    update(child, item);
    if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null);
  });
  present.forEach((child) => child.remove());
}

export function seconds(millis) {
  if (millis < 10000) return `${(Math.max(0, millis) / 1000).toFixed(1)} s`;
  return millis < 120000 ? `${Math.round(millis / 1000)} s` : `${Math.round(millis / 60000)} min`;
}
