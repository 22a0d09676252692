// @ts-check

/**
 * An element with its properties and what stands in it; text stays text, whatever it holds.
 * @param {string} name
 * @param {object} [props]
 * @param {(Node | string)[]} children
 */
export const make = (name, props = {}, ...children) => {
  const element = Object.assign(document.createElement(name), props);
  element.append(...children);
  return element;
};
