// Godot projects for tests: a copy of each in a folder of its own with the add-on in it, so that what Godot writes is nobody's.

import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import { Program, root } from '../browser/harness.mjs';

export const GODOT = process.env.RENDERCAST_GODOT;
const ADD_ON = join(root, 'bindings', 'godot', 'addons', 'rendercast');
const LIBRARY = join('bin', 'linux.x86_64', 'librendercast_godot.so');

const made = [];
process.on('exit', () => made.forEach((project) => rmSync(project, { recursive: true, force: true })));

/** A copy of `tests/godot/projects/NAME`, or of the folder NAME. `library`: whether the native library is there. */
export function prepared(name, { library = true } = {}) {
  const source = isAbsolute(name) ? name : join(root, 'tests', 'godot', 'projects', name);
  const folder = join(root, 'target', 'godot-projects');
  mkdirSync(folder, { recursive: true });
  const project = mkdtempSync(join(folder, `${basename(source)}-`));
  made.push(project);
  const own = (path) => !/\/(\.godot|addons\/rendercast)(\/|$)/.test(path.slice(source.length));
  cpSync(source, project, { recursive: true, dereference: true, filter: own });
  const addOn = join(project, 'addons', 'rendercast');
  cpSync(ADD_ON, addOn, { recursive: true, filter: (path) => library || !path.startsWith(join(ADD_ON, 'bin')) });
  if (!library) rmSync(join(addOn, 'rendercast.gdextension'), { force: true });
  else if (!existsSync(join(addOn, LIBRARY))) throw new Error(`no ${LIBRARY} in the add-on: run bindings/godot/build.sh`);
  // Without this list Godot's first look at a project does not know the extension, and its import crashes (godot#111048).
  mkdirSync(join(project, '.godot'), { recursive: true });
  writeFileSync(join(project, '.godot', 'extension_list.cfg'), library ? 'res://addons/rendercast/rendercast.gdextension\n' : '');
  return project;
}

/** Godot with a project; its lines can be waited for. */
export class Godot extends Program {
  constructor(project, args, env = {}) {
    // Settings and caches of whoever runs the tests stay as they are.
    const own = join(project, '.godot', 'user');
    super(GODOT, ['--path', project, '--audio-driver', 'Dummy', ...args], {
      env: { ...process.env, XDG_CONFIG_HOME: own, XDG_DATA_HOME: own, XDG_CACHE_HOME: own, ...env },
    });
    this.name = 'godot';
  }
}

/** Lines that Godot has written of what went wrong. */
export const errors = (godot) => godot.lines.filter((line) => /^\s*(SCRIPT ERROR|ERROR|USER ERROR|Parse Error)|leaked at exit|ObjectDB instances/.test(line));

/** An X server without a screen, for as long as it is wanted. */
export class Display extends Program {
  constructor() {
    super('Xvfb', ['-displayfd', '1', '-screen', '0', '1280x720x24', '-nolisten', 'tcp']);
  }

  async env() {
    const [, number] = await this.line(/^(\d+)$/);
    return { DISPLAY: `:${number}` };
  }
}

export const DRIVERS = {
  opengl: ['--rendering-driver', 'opengl3', '--rendering-method', 'gl_compatibility'],
  vulkan: ['--rendering-driver', 'vulkan', '--rendering-method', 'mobile'],
};
