extends CanvasLayer
## Points, who plays, what happens in words, and how to come in: large enough for a phone.

const Arena := preload("res://game/arena.gd")

const NAMES := ["CORAL", "AZURE"]

var _colors: Array[Color] = []
var _shown_link := ""

@onready var _points: Array[Label] = [%Points0, %Points1]
@onready var _who: Array[Label] = [%Who0, %Who1]
@onready var _message: Label = %Message
@onready var _hint: Label = %Hint
@onready var _join: Control = %Join
@onready var _code: TextureRect = %Code
@onready var _link: Label = %Link


func dress(colors: Array[Color]) -> void:
	_colors = colors
	for seat in 2:
		_points[seat].add_theme_color_override("font_color", colors[seat])


func show_state(arena: Arena, holders: Array[StringName]) -> void:
	var free := 0
	for seat in 2:
		_points[seat].text = str(arena.points[seat])
		var holder := holders[seat]
		free += 1 if holder == &"" else 0
		_who[seat].text = "bot" if holder == &"" else str(holder)
	_hint.visible = free > 0
	_join.visible = free > 0 and _shown_link != ""
	var words := ""
	match arena.phase:
		Arena.Phase.READY:
			words = "READY"
		Arena.Phase.PLAY:
			words = "GO!" if arena.phase_s < 0.7 else ""
		Arena.Phase.POINT:
			words = "BOTH FELL" if arena.winner < 0 else "%s SCORES" % NAMES[arena.winner]
		Arena.Phase.WON:
			words = "%s WINS!" % NAMES[arena.winner]
	_message.text = words
	_message.add_theme_color_override("font_color", _colors[arena.winner] if arena.winner >= 0 and arena.phase >= Arena.Phase.POINT else Color.WHITE)


## The link of the stream: as a code where phones can open it, as words where only this computer can.
func show_link(link: String) -> void:
	_shown_link = link
	var here := link.get_slice("://", 1).get_slice("/", 0)
	var is_local := here.begins_with("127.") or here.begins_with("[::1]")
	_link.text = here if is_local else "Scan to play"
	_code.visible = link != "" and not is_local
	if _code.visible:
		_code.texture = ImageTexture.create_from_image(ClassDB.class_call_static(&"RenderCastQrCode", &"encode", link))
