extends Node3D
## Puts the game together: input to seats, seats and bots to the rules, the rules to what is seen and heard.

const Arena := preload("res://game/arena.gd")
const Bot := preload("res://game/bot.gd")
const Controls := preload("res://game/controls.gd")
const Seats := preload("res://game/seats.gd")

const COLORS: Array[Color] = [Color("ff6b5e"), Color("3fb6ff")]

var _arena := Arena.new(int(Time.get_unix_time_from_system()))
var _controls := Controls.new()
var _seats := Seats.new()
## Each viewer's device number: when it is gone, nobody knows it any more.
var _devices: Dictionary = {}
## `-- --trace` prints what happens, for tests and the curious.
var _trace := "--trace" in OS.get_cmdline_user_args()

@onready var _island: Node3D = $Island
@onready var _marbles: Array[Node3D] = [$Marble0, $Marble1]
@onready var _star: MeshInstance3D = $Star
@onready var _camera: Camera3D = $Camera
@onready var _sparks: CPUParticles3D = $Sparks
@onready var _sounds: Node = $Sounds
@onready var _hud: CanvasLayer = $Hud
## The autoload of the add-on; the game plays without it too.
@onready var _stream: Node = get_tree().root.get_node_or_null(^"RenderCast")


func _ready() -> void:
	for seat in 2:
		_marbles[seat].dress(COLORS[seat])
	_hud.dress(COLORS)
	if _stream and _stream.server:
		_stream.server.started.connect(_hud.show_link)
		_stream.server.viewer_connected.connect(_remember)
		_stream.server.role_changed.connect(func(id: int, _number: int) -> void: _remember(id))
		_stream.server.viewer_disconnected.connect(_gone)
		if _stream.server.get_link() != "":
			_hud.show_link(_stream.server.get_link())


func _input(event: InputEvent) -> void:
	var meant := _controls.take(event, _now(), get_viewport().get_visible_rect().size.y)
	if meant.begins:
		_sit(meant.source)
	if meant.dash and _seats.of(meant.source) >= 0:
		_arena.dash(_seats.of(meant.source))


func _physics_process(delta: float) -> void:
	for seat in 2:
		var holder := _seats.holders[seat]
		if holder != &"" and _now() - _controls.heard_s(holder) > Seats.IDLE_S and _controls.wish(holder) == Vector2.ZERO:
			_leave(holder)
		if _seats.holders[seat] == &"":
			_arena.marbles[seat].wish = Bot.wish(_arena, seat)
			if Bot.dashes(_arena, seat):
				_arena.dash(seat)
		else:
			_lean(seat, _controls.wish(_seats.holders[seat]))
	for happened in _arena.step(delta):
		_tell(happened)


func _process(delta: float) -> void:
	_island.show_state(_arena, delta)
	for seat in 2:
		var marble := _arena.marbles[seat]
		_marbles[seat].show_state(marble, _island.ground(marble.position.length()), delta)
	var star_ground: float = _island.ground(_arena.star.length()) if _arena.star != null else 0.0
	_star.show_state(_arena, star_ground, delta)
	_hud.show_state(_arena, _seats.holders)


func _lean(seat: int, wish: Vector2) -> void:
	if wish != _arena.marbles[seat].wish:
		_say("WISH %d %.2f %.2f" % [seat, wish.x, wish.y])
	_arena.marbles[seat].wish = wish


func _tell(happened: Dictionary) -> void:
	_say("HAPPENED %s %s" % [happened.what, happened.get("who", "")])
	match happened.what:
		"bump":
			_sounds.play("bump", happened.strength / 14)
			_burst(happened.at, Color("fff2c9"), clampi(int(happened.strength * 2), 6, 28))
			_camera.shake(happened.strength)
			for seat in 2:
				_rumble(_seats.holders[seat], clampf(happened.strength / 16, 0.15, 1.0))
		"heavy":
			_sounds.play("heavy")
			_burst(happened.at, Color("ffd75e"), 24)
		"plate":
			_sounds.play("plate")
			_camera.shake(8)
		_:
			_sounds.play(happened.what)


func _burst(at: Vector2, color: Color, count: int) -> void:
	_sparks.position = Vector3(at.x, _island.ground(at.length()) + 0.9, at.y)
	_sparks.color = color
	_sparks.amount = count
	_sparks.restart()


func _sit(source: StringName) -> void:
	if source == &"" or _seats.of(source) >= 0:
		return
	var seat := _seats.sit(source)
	if seat >= 0:
		_marbles[seat].name_as(str(source).to_upper().replace("PLAYER ", "P"))
		_say("SEAT %d %s" % [seat, source])


func _leave(source: StringName) -> void:
	var seat := _seats.leave(source)
	_controls.forget(source)
	if seat >= 0:
		_marbles[seat].name_as("BOT")
		_say("SEAT %d free" % seat)


func _remember(id: int) -> void:
	if _stream.input == null:
		return
	var device: int = _stream.input.get_device(id)
	# Who has another number now, or none, sits there no more.
	if _devices.get(id, device) != device:
		_leave(Controls.player(_devices[id]))
	_devices[id] = device


func _gone(id: int, _reason: Variant) -> void:
	if _devices.has(id):
		_leave(Controls.player(_devices[id]))
		_devices.erase(id)


## A phone or pad of the viewer who plays shakes with the bump.
func _rumble(holder: StringName, strength: float) -> void:
	for id: int in _devices:
		if holder != &"" and Controls.player(_devices[id]) == holder:
			_stream.server.rumble(id, 0, strength * 0.5, strength, 0.12)


func _now() -> float:
	return Time.get_ticks_usec() / 1e6


func _say(words: String) -> void:
	if _trace:
		print(words)
