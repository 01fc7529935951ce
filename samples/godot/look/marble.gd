extends Node3D
## One marble as it is seen: it rolls as it moves, glows when it is heavy, and its ring fills up until it may dash again.

const Arena := preload("res://game/arena.gd")

@onready var _ball: MeshInstance3D = $Ball
@onready var _skin: ShaderMaterial = $Ball.get_surface_override_material(0)
@onready var _ring: MeshInstance3D = $Ring
@onready var _ring_paint: StandardMaterial3D = $Ring.get_surface_override_material(0)
@onready var _tag: Label3D = $Tag

var _color := Color.WHITE
var _at := Vector2.ZERO


func dress(color: Color) -> void:
	_color = color
	_skin.set_shader_parameter("color", color)
	_tag.modulate = color.lerp(Color.WHITE, 0.55)


func name_as(words: String) -> void:
	_tag.text = words


func show_state(marble: Arena.Marble, ground: float, delta: float) -> void:
	var moved := marble.position - _at
	_at = marble.position
	position = Vector3(marble.position.x, ground + marble.height, marble.position.y)
	var size := lerpf(_ball.scale.x, marble.radius() / Arena.RADIUS, minf(delta * 10, 1))
	_ball.scale = Vector3.ONE * size
	_ball.position.y = Arena.RADIUS * size
	# A new round puts it elsewhere, which is no rolling.
	if moved.length() > 0.0001 and moved.length() < 2.0:
		var turn := Basis(Vector3(moved.y, 0, -moved.x).normalized(), moved.length() / marble.radius())
		_ball.basis = (turn * _ball.basis.orthonormalized()).scaled(Vector3.ONE * size)
	_skin.set_shader_parameter("heat", 0.5 + 0.5 * sin(marble.heavy_s * 9) if marble.heavy_s > 0 else 0.0)
	_ring.visible = not marble.falling
	var ready_share := 1.0 - marble.dash_pause / Arena.DASH_PAUSE_S
	_ring.scale = Vector3(size, 0.15, size) * Vector3(lerpf(0.7, 1, ready_share), 1, lerpf(0.7, 1, ready_share))
	_ring_paint.albedo_color = Color(_color, 0.85 if ready_share >= 1 else 0.25)
	_tag.visible = not marble.falling
