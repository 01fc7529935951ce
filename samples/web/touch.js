// A pad on the screen, for fingers: a stick and buttons, sent as a pad of its own.

const $ = (id) => document.getElementById(id);

export class TouchControls {
  #player;
  #pad = null;
  #buttons = 0;

  constructor(player) {
    this.#player = player;
    const stick = $("stick");
    const move = (event) => {
      if (!stick.hasPointerCapture(event.pointerId)) return;
      const { left, top, width, height } = stick.getBoundingClientRect();
      const x = (event.clientX - left - width / 2) / (width / 2);
      const y = (event.clientY - top - height / 2) / (height / 2);
      const far = Math.max(Math.hypot(x, y), 1);
      this.#lean(x / far, y / far);
    };
    grasp(stick, move, () => this.#lean(0, 0));
    stick.addEventListener("pointermove", move);
    for (const key of document.querySelectorAll("[data-button]")) {
      const bit = 2 ** Number(key.dataset.button);
      const press = (down) => () => {
        this.#buttons = down ? this.#buttons | bit : this.#buttons & ~bit;
        key.classList.toggle("down", down);
        this.#pad?.set({ buttons: this.#buttons });
      };
      grasp(key, press(true), press(false));
    }
    // A new host knows of no pad; those that were there are told of again.
    document.addEventListener("visibilitychange", () => document.hidden && this.#letGo());
  }

  show(on) {
    $("pad").hidden = !on;
    this.#letGo();
    if (on) this.#pad ??= this.#player.virtualPad("rendercast touch controls", (ms) => navigator.vibrate?.(ms));
    else [this.#pad] = [null, this.#pad?.remove()];
  }

  #letGo() {
    this.#buttons = 0;
    this.#pad?.set({ buttons: 0 });
    this.#lean(0, 0);
  }

  #lean(x, y) {
    $("knob").style.translate = `${x * 50}% ${y * 50}%`;
    this.#pad?.set({ axes: [x, -y, 0, 0] });
  }
}

/** A finger that came down here stays ours until it is lifted. */
function grasp(element, down, up) {
  element.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    element.setPointerCapture(event.pointerId);
    down(event);
  });
  element.addEventListener("lostpointercapture", up);
  element.addEventListener("contextmenu", (event) => event.preventDefault());
}
