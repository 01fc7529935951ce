// The figures as text. Pure.

const COLUMNS = [
  ['s', 't', 0], ['link', 'link', 0], ['target', 'target', 0], ['encod', 'encoded', 0], ['sent', 'sent', 0],
  ['arriv', 'arrived', 0], ['fps', 'fps', 0], ['stop', 'stop', 0], ['e2e', 'age', 0], ['p95', 'age95', 0], ['queue', 'queue', 1],
  ['max', 'queueMax', 0], ['jbuf', 'jitterBuffer', 1], ['drop', 'dropped', 0], ['lost', 'lost', 0], ['miss', 'missing', 0],
  ['nack', 'nack', 0], ['rtx', 'rtx', 0], ['keyf', 'keyframes', 0], ['high', 'height', 0], ['frozen', 'frozen', 2],
];

const number = (value, digits) => (Number.isFinite(value) ? value.toFixed(digits) : '-');

/** kbit/s, ms, counts; `drop` and `lost` are the link's, `miss`, `nack` and `rtx` the browser's. */
export function seriesTable(rows) {
  const lines = [COLUMNS.map(([title]) => title.padStart(7)).join('')];
  for (const row of rows) lines.push(COLUMNS.map(([, key, digits]) => number(row[key], digits).padStart(7)).join(''));
  return lines.join('\n');
}

export function goalTable(goals) {
  const lines = [`${'scenario'.padEnd(24)} ${'what'.padEnd(66)} ${'measured'.padStart(9)} ${'wanted'.padStart(9)}`];
  for (const { name, say, unit, better, wanted, measured, good } of goals) {
    const got = Number.isFinite(measured) ? `${measured.toFixed(unit === '%' ? 1 : 0)} ${unit}` : 'never';
    lines.push(`${name.padEnd(24)} ${say.padEnd(66)} ${got.padStart(9)} ${`${better === 'less' ? '<=' : '>='} ${wanted}`.padStart(9)} ${good ? '' : ' MISSED'}`);
  }
  return lines.join('\n');
}
