// What the host wants shown or felt here.

/** Pointer lock comes at a gesture only, so the wish waits for one. */
export class Feedback {
  #stage;
  #player;
  #lock = false;

  constructor(stage, player) {
    [this.#stage, this.#player] = [stage, player];
  }

  /** @param {{ pads: object, field: object, freeze: (on: boolean) => void }} with */
  handle(message, { pads, field, freeze }) {
    const { type, ...detail } = message;
    switch (type) {
      case "rumble":
        pads.rumble(message.pad ?? 0, message);
        break;
      case "cursor":
        // Keywords only: what names an address would load it.
        if (/^[a-z-]+$/.test(message.shape)) this.#stage.style.cursor = message.shape;
        break;
      case "pointer_lock":
        this.lock(message.on === true);
        break;
      case "keyboard":
        if (message.show) field.show(message);
        else field.hide(true);
        break;
      case "clipboard":
        navigator.clipboard?.writeText(String(message.text)).catch(() => {});
        break;
      case "freeze":
        freeze(message.on === true);
        break;
      case "asked":
      case "message":
        break;
      default:
        return;
    }
    this.#player.emit(type, detail);
  }

  lock(on) {
    this.#lock = on;
    if (!on && document.pointerLockElement === this.#stage) document.exitPointerLock();
  }

  /** Inside of a click or a key press. */
  async gesture() {
    if (!this.#lock || document.pointerLockElement || !this.#stage.requestPointerLock) return;
    try {
      // Without the system's acceleration, where that can be had.
      await this.#stage.requestPointerLock({ unadjustedMovement: true });
    } catch {
      await this.#stage.requestPointerLock()?.catch(() => {});
    }
  }

  get wantsLock() {
    return this.#lock;
  }
}
