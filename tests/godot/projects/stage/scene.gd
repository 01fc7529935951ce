# What the tests look at: patches of known colours in the corners, a ground of one colour, a bar that moves, and a field to type into.
extends Control

@export var tone := Color.BLACK

const PATCH := Vector2(48, 48)
const CORNERS: Array[Color] = [Color.RED, Color.GREEN, Color.BLUE, Color.WHITE]

var bar: ColorRect
var field: LineEdit


func _ready() -> void:
	box(Vector2.ZERO, Vector2(640, 360), tone)
	for corner in 4:
		var at := Vector2(corner % 2, corner / 2) * (Vector2(640, 360) - PATCH)
		box(at, PATCH, CORNERS[corner])
	bar = box(Vector2(0, 160), Vector2(40, 40), Color.YELLOW)
	field = LineEdit.new()
	field.position = Vector2(220, 40)
	field.size = Vector2(200, 40)
	field.text_changed.connect(func(text: String) -> void: print("TYPED ", text))
	add_child(field)
	print("SCENE ", name)


func box(at: Vector2, size_of: Vector2, color: Color) -> ColorRect:
	var rect := ColorRect.new()
	rect.position = at
	rect.size = size_of
	rect.color = color
	rect.mouse_filter = Control.MOUSE_FILTER_IGNORE
	add_child(rect)
	return rect


func _process(_delta: float) -> void:
	bar.position.x = fmod(Time.get_ticks_msec() * 0.2, 600.0)
