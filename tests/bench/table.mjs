// Rows of measurements, as tests/bench/table.rs has them: a table for people, JSON for machines.

import { readFileSync, writeFileSync } from 'node:fs';

const averages = () => readFileSync('/proc/loadavg', 'utf8').split(' ').slice(0, 3).join(' ');
const cell = (value) => (typeof value === 'number' ? value.toFixed(1) : String(value)).padStart(10);

export class Table {
  rows = [];
  load = averages();

  row(name, unit, values) {
    values.sort((a, b) => a - b);
    const at = (percent) => values[Math.max(1, Math.ceil(values.length * percent / 100)) - 1];
    this.rows.push({ name, unit, median: at(50), p95: at(95), p99: at(99), runs: values.length });
  }

  /** Prints it, and writes what the arguments name by --json. */
  end() {
    console.log(`${'what'.padEnd(76)} ${'unit'.padStart(5)} ${['median', 'p95', 'p99'].map((h) => h.padStart(10)).join(' ')}   runs`);
    for (const r of this.rows) console.log(`${r.name.padEnd(76)} ${r.unit.padStart(5)} ${cell(r.median)} ${cell(r.p95)} ${cell(r.p99)} ${String(r.runs).padStart(6)}`);
    console.log(`load before: ${this.load}; load after: ${averages()}`);
    const at = process.argv.indexOf('--json');
    if (at > 0) writeFileSync(process.argv[at + 1], JSON.stringify(this.rows.map((r) => ({ ...r, load: this.load })), null, 1));
  }
}
