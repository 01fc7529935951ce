extends RefCounted
## What everybody holds. A source is one who may play: half of this computer's keyboard, one of its pads, its mouse or screen, or a
## viewer, whose keys, pads and fingers are all one.

## RenderCastInput gives players in browsers the devices from this number on.
const FIRST_VIEWER := 8
## How far a finger or the mouse is drawn for a full lean, as a part of the picture's height.
const REACH := 0.13
const DEAD_ZONE := 0.2
## A finger that was lifted nearer to where it came down than this (as a part of a full lean) has tapped.
const TAP := 0.35

const LEFT_HALF := {
	KEY_W: Vector2.UP, KEY_S: Vector2.DOWN, KEY_A: Vector2.LEFT, KEY_D: Vector2.RIGHT,
}
const RIGHT_HALF := {
	KEY_UP: Vector2.UP, KEY_DOWN: Vector2.DOWN, KEY_LEFT: Vector2.LEFT, KEY_RIGHT: Vector2.RIGHT,
}
const LEFT_DASH := [KEY_SPACE, KEY_E]
const RIGHT_DASH := [KEY_ENTER, KEY_KP_ENTER, KEY_KP_0]


class Held:
	var keys: Dictionary = {}
	var stick := Vector2.ZERO
	var pad := Vector2.ZERO
	## The finger that steers, -1: the mouse, null: none.
	var finger: Variant = null
	var began := Vector2.ZERO
	var drawn := Vector2.ZERO
	var last_s := 0.0


var _held: Dictionary = {}
var _height := 720.0


## What an event means: [code]source[/code] who did it (empty: nothing for this game), [code]begins[/code] something was pressed, touched or
## leant, [code]dash[/code].
func take(event: InputEvent, now_s: float, height: float) -> Dictionary:
	_height = height
	var meant := {"source": &"", "begins": false, "dash": false}
	if event.device == InputEvent.DEVICE_ID_EMULATION:
		return meant
	if event is InputEventKey:
		_take_key(event, meant)
	elif event is InputEventJoypadMotion or event is InputEventJoypadButton:
		_take_pad(event, meant)
	elif event is InputEventScreenTouch:
		_take_press(_source(event, "pointer"), event.index, event.pressed, event.position, meant)
	elif event is InputEventScreenDrag:
		_take_drag(_source(event, "pointer"), event.index, event.position, meant)
	elif event is InputEventMouseButton and event.button_index == MOUSE_BUTTON_LEFT:
		_take_press(_source(event, "pointer"), -1, event.pressed, event.position, meant)
	elif event is InputEventMouseMotion:
		_take_drag(_source(event, "pointer"), -1, event.position, meant)
	if meant.source != &"":
		_of(meant.source).last_s = now_s
	return meant


func wish(source: StringName) -> Vector2:
	if not _held.has(source):
		return Vector2.ZERO
	var held: Held = _held[source]
	var sum := held.stick + held.pad + held.drawn
	for way: Vector2 in held.keys.values():
		sum += way
	return sum.limit_length()


## When a source was last heard of.
func heard_s(source: StringName) -> float:
	return _held[source].last_s if _held.has(source) else 0.0


func forget(source: StringName) -> void:
	_held.erase(source)


static func player(device: int) -> StringName:
	return StringName("player %d" % (device - FIRST_VIEWER + 1))


static func _source(event: InputEvent, local: String) -> StringName:
	return player(event.device) if event.device >= FIRST_VIEWER else StringName(local)


func _of(source: StringName) -> Held:
	if not _held.has(source):
		_held[source] = Held.new()
	return _held[source]


func _take_key(event: InputEventKey, meant: Dictionary) -> void:
	var code := event.physical_keycode if event.physical_keycode else event.keycode
	var left := LEFT_HALF.has(code) or code in LEFT_DASH
	if event.echo or not (left or RIGHT_HALF.has(code) or code in RIGHT_DASH):
		return
	meant.source = _source(event, "WASD" if left else "arrows")
	meant.begins = event.pressed
	meant.dash = event.pressed and (code in LEFT_DASH or code in RIGHT_DASH)
	var held := _of(meant.source)
	var ways := LEFT_HALF if left else RIGHT_HALF
	if event.pressed and ways.has(code):
		held.keys[code] = ways[code]
	else:
		held.keys.erase(code)


func _take_pad(event: InputEvent, meant: Dictionary) -> void:
	var source := _source(event, "pad %d" % (event.device + 1))
	var held := _of(source)
	if event is InputEventJoypadMotion:
		var was := held.stick.length() > DEAD_ZONE
		match event.axis:
			JOY_AXIS_LEFT_X:
				held.stick.x = event.axis_value
			JOY_AXIS_LEFT_Y:
				held.stick.y = event.axis_value
			_:
				return
		var is_out := held.stick.length() > DEAD_ZONE
		# A stick that rests is never quite in the middle.
		if not (was or is_out):
			return
		meant.begins = is_out and not was
	else:
		const WAYS := {JOY_BUTTON_DPAD_UP: Vector2.UP, JOY_BUTTON_DPAD_DOWN: Vector2.DOWN,
				JOY_BUTTON_DPAD_LEFT: Vector2.LEFT, JOY_BUTTON_DPAD_RIGHT: Vector2.RIGHT}
		if WAYS.has(event.button_index):
			held.pad += WAYS[event.button_index] if event.pressed else -WAYS[event.button_index]
			held.pad = held.pad.clamp(-Vector2.ONE, Vector2.ONE)
		meant.dash = event.pressed and event.button_index in [JOY_BUTTON_A, JOY_BUTTON_B, JOY_BUTTON_X, JOY_BUTTON_Y]
		meant.begins = event.pressed
	meant.source = source


func _take_press(source: StringName, finger: int, pressed: bool, at: Vector2, meant: Dictionary) -> void:
	var held := _of(source)
	meant.source = source
	meant.begins = pressed
	if pressed:
		if held.finger == null:
			held.finger = finger
			held.began = at
			held.drawn = Vector2.ZERO
		else:
			# One finger steers, any other dashes.
			meant.dash = true
	elif held.finger == finger:
		meant.dash = held.drawn.length() < TAP
		held.finger = null
		held.drawn = Vector2.ZERO


func _take_drag(source: StringName, finger: int, at: Vector2, meant: Dictionary) -> void:
	if not _held.has(source) or _held[source].finger != finger:
		return
	var held: Held = _held[source]
	held.drawn = ((at - held.began) / (_height * REACH)).limit_length()
	meant.source = source
