// What a viewer has chosen stays chosen, where the browser keeps it: a private window may not.

const name = (key) => "rendercast." + key;

export function recall(key) {
  try {
    return localStorage.getItem(name(key));
  } catch {
    return null;
  }
}

export function keep(key, value) {
  try {
    localStorage.setItem(name(key), value);
  } catch {
    // It is forgotten then.
  }
}
