// Making and changing elements. What comes from outside is only ever set as text.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

export function make(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function draw(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

// These leave alone what is right already: most of the page is the same from one second to the next.

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function setAttribute(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

export function setHidden(node, hidden) {
  if (node.hasAttribute("hidden") !== hidden) node.toggleAttribute("hidden", hidden);
}

/// A function that makes the children of `parent`, behind those it has now, follow a list of items: one part
/// each, which `create` makes and which has a node and an update(item). A part stays as long as there is an
/// item of its key; the function's own part(key) is it.
export function makeList(parent, keyOf, create) {
  const parts = new Map();
  const before = parent.lastElementChild;
  const list = (items) => {
    const keys = new Set(items.map(keyOf));
    for (const [key, part] of parts) {
      if (keys.has(key)) continue;
      part.node.remove();
      parts.delete(key);
    }
    let next = before ? before.nextElementSibling : parent.firstElementChild;
    for (const item of items) {
      const key = keyOf(item);
      if (!parts.has(key)) parts.set(key, create(item));
      const part = parts.get(key);
      if (part.node === next) next = next.nextElementSibling;
      else parent.insertBefore(part.node, next);
      part.update(item);
    }
  };
  list.part = (key) => parts.get(key);
  return list;
}
