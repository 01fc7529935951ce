extends SceneTree
## The demo's rules and controls, without a picture. Each line is "OK what" or "FAILED what".

const Arena := preload("res://game/arena.gd")
const Bot := preload("res://game/bot.gd")
const Controls := preload("res://game/controls.gd")
const Seats := preload("res://game/seats.gd")

const STEP := 1.0 / 120


func _init() -> void:
	_who_leans_outwards_falls()
	_nobody_moves_before_it_begins()
	_marbles_bounce_and_heavy_ones_less()
	_the_ground_shrinks_under_who_stands_still()
	_bots_end_a_match()
	_a_dash_needs_a_pause()
	_halves_of_a_keyboard_are_two_and_a_viewer_is_one()
	_a_finger_steers_and_taps()
	_what_godot_emulates_counts_once()
	_seats_are_two_and_come_free()
	quit()


func _check(what: String, right: bool) -> void:
	print("OK " if right else "FAILED ", what)


## Goes on until [param seconds] have passed or something of that kind happens, which is returned.
func _run(arena: Arena, seconds: float, what := "") -> Dictionary:
	for step in int(seconds / STEP):
		for happened in arena.step(STEP):
			if happened.what == what:
				return happened
	return {}


func _who_leans_outwards_falls() -> void:
	var arena := Arena.new()
	_run(arena, 5, "go")
	arena.marbles[0].wish = Vector2.LEFT
	var point := _run(arena, 5, "point")
	_check("who leans outwards falls, and the other has a point", point.get("who") == 1 and arena.points == [0, 1])
	_run(arena, 0.3)
	_check("it drops", arena.marbles[0].height < -0.5)
	_check("the next round begins with both on the ground", not _run(arena, 5, "go").is_empty() and not arena.marbles[0].falling)


func _nobody_moves_before_it_begins() -> void:
	var arena := Arena.new()
	arena.marbles[0].wish = Vector2.RIGHT
	_run(arena, Arena.READY_S * 0.9)
	_check("nobody moves before it begins", arena.marbles[0].velocity == Vector2.ZERO)


func _marbles_bounce_and_heavy_ones_less() -> void:
	var away: Array[float] = []
	for heavy: bool in [false, true]:
		var arena := Arena.new()
		_run(arena, 5, "go")
		arena.marbles[0].velocity = Vector2(8, 0)
		arena.marbles[1].heavy_s = 60.0 if heavy else 0.0
		var bump := _run(arena, 5, "bump")
		_check("a bump is told with its strength", bump.get("strength", 0) > 2)
		away.append(arena.marbles[1].velocity.x)
	_check("who is hit is pushed away", away[0] > 3)
	_check("a heavy marble less so", away[1] > 0 and away[1] < away[0])


func _the_ground_shrinks_under_who_stands_still() -> void:
	var arena := Arena.new()
	_run(arena, 5, "go")
	arena.marbles[1].position = Vector2(0, (Arena.PLATES[0] + Arena.PLATES[1]) / 2)
	_check("it stands", _run(arena, Arena.PLATE_S - 0.1, "fall").is_empty() and arena.plate_warning() > 0.9)
	_check("until its plate falls", _run(arena, 1, "fall").get("who") == 1 and arena.edge() == Arena.PLATES[1])


func _bots_end_a_match() -> void:
	var arena := Arena.new(3)
	var won := 0
	var finite := true
	for step in int(600 / STEP):
		for seat in 2:
			arena.marbles[seat].wish = Bot.wish(arena, seat)
			if Bot.dashes(arena, seat):
				arena.dash(seat)
			finite = finite and arena.marbles[seat].position.is_finite() and arena.marbles[seat].position.length() < 200
		for happened in arena.step(STEP):
			won += 1 if happened.what == "won" else 0
	print("matches of bots in ten minutes: ", won)
	_check("bots end matches", won >= 1)
	_check("nothing flies away for good", finite)


func _a_dash_needs_a_pause() -> void:
	var arena := Arena.new()
	_run(arena, 5, "go")
	arena.marbles[0].wish = Vector2.DOWN
	arena.dash(0)
	var first := arena.marbles[0].velocity
	arena.dash(0)
	_check("a dash goes where one leans", first.y > Arena.DASH * 0.9)
	_check("a second one waits", arena.marbles[0].velocity == first)


func _key(code: Key, pressed: bool, device := 0) -> InputEventKey:
	var event := InputEventKey.new()
	event.physical_keycode = code
	event.pressed = pressed
	event.device = device
	return event


func _halves_of_a_keyboard_are_two_and_a_viewer_is_one() -> void:
	var controls := Controls.new()
	var left := controls.take(_key(KEY_D, true), 0, 720)
	var right := controls.take(_key(KEY_UP, true), 0, 720)
	_check("the halves of a keyboard are two", left.source != right.source and controls.wish(left.source) == Vector2.RIGHT
			and controls.wish(right.source) == Vector2.UP)
	var viewer := controls.take(_key(KEY_D, true, 9), 0, 720)
	controls.take(_key(KEY_UP, true, 9), 0, 720)
	_check("a viewer's keyboard is one", viewer.source == &"player 2" and controls.wish(&"player 2").is_equal_approx(Vector2(1, -1).normalized()))
	controls.take(_key(KEY_D, false, 9), 0, 720)
	_check("keys come up", controls.wish(&"player 2") == Vector2.UP)
	_check("space dashes", controls.take(_key(KEY_SPACE, true, 9), 0, 720).dash)
	_check("other keys are nothing", controls.take(_key(KEY_F5, true), 0, 720).source == &"")


func _touch(pressed: bool, at: Vector2, index := 0, device := 8) -> InputEventScreenTouch:
	var event := InputEventScreenTouch.new()
	event.pressed = pressed
	event.position = at
	event.index = index
	event.device = device
	return event


func _a_finger_steers_and_taps() -> void:
	var controls := Controls.new()
	_check("a finger begins", controls.take(_touch(true, Vector2(300, 300)), 0, 720).begins)
	var drag := InputEventScreenDrag.new()
	drag.device = 8
	drag.position = Vector2(300, 500)
	controls.take(drag, 0, 720)
	_check("it steers where it is drawn", controls.wish(&"player 1") == Vector2.DOWN)
	_check("a second one dashes", controls.take(_touch(true, Vector2(700, 300), 1), 0, 720).dash)
	controls.take(_touch(false, Vector2(700, 300), 1), 0, 720)
	_check("and leaves the first one steering", controls.wish(&"player 1") == Vector2.DOWN)
	_check("what was drawn is no tap", not controls.take(_touch(false, Vector2(300, 500)), 0, 720).dash)
	_check("a lifted finger steers no more", controls.wish(&"player 1") == Vector2.ZERO)
	controls.take(_touch(true, Vector2(100, 100)), 0, 720)
	_check("a tap dashes", controls.take(_touch(false, Vector2(101, 100)), 0, 720).dash)


func _what_godot_emulates_counts_once() -> void:
	var controls := Controls.new()
	var click := InputEventMouseButton.new()
	click.button_index = MOUSE_BUTTON_LEFT
	click.pressed = true
	click.device = InputEvent.DEVICE_ID_EMULATION
	_check("a mouse that Godot makes of a finger is nobody", controls.take(click, 0, 720).source == &"")


func _seats_are_two_and_come_free() -> void:
	var seats := Seats.new()
	_check("two sit", seats.sit(&"a") == 0 and seats.sit(&"b") == 1 and seats.sit(&"a") == 0)
	_check("a third one watches", seats.sit(&"c") == -1)
	_check("who leaves makes room", seats.leave(&"a") == 0 and seats.sit(&"c") == 0 and seats.leave(&"nobody") == -1)
