extends RefCounted
## The rules: two marbles on a stack of plates, of which the outermost falls away now and then. Who is pushed off gives the other a
## point. Plain numbers on the ground plane, in metres and seconds; no nodes, no clock, and chance comes from a seed.

const RADIUS := 0.9
## What a full lean of the stick adds to the speed each second, and what part of it the ground takes.
const PUSH := 15.0
const DRAG := 0.85
const DASH := 8.0
const DASH_PAUSE_S := 1.1
## Above 1: marbles leave each other faster than they came.
const BOUNCE := 1.35
const GRAVITY := 24.0

const PLATES: Array[float] = [8.0, 6.7, 5.4, 4.1]
const PLATE_S := 14.0
const PLATE_WARNING_S := 3.0

const STAR_EVERY_S := 7.0
const STAR_RADIUS := 0.7
const HEAVY_S := 6.0
const HEAVY_MASS := 2.4
const HEAVY_SIZE := 1.35

const GOAL := 5
const READY_S := 1.6
const POINT_S := 1.8
const WON_S := 5.0

enum Phase { READY, PLAY, POINT, WON }


class Marble:
	var position := Vector2.ZERO
	var velocity := Vector2.ZERO
	## Where its player leans, at most 1 long.
	var wish := Vector2.ZERO
	var height := 0.0
	var falling := false
	var fall_speed := 0.0
	var dash_pause := 0.0
	var heavy_s := 0.0

	func radius() -> float:
		return RADIUS * (HEAVY_SIZE if heavy_s > 0 else 1.0)

	func mass() -> float:
		return HEAVY_MASS if heavy_s > 0 else 1.0


var marbles: Array[Marble] = [Marble.new(), Marble.new()]
var points: Array[int] = [0, 0]
var phase := Phase.READY
## Seconds since the phase began.
var phase_s := 0.0
## The outermost plate that is still there, and for how long it has been that.
var plate := 0
var plate_s := 0.0
## Where a star lies; null: nowhere.
var star: Variant = null
## Who got the last point, or won; -1: both fell.
var winner := -1

var _star_s := 0.0
var _chance := RandomNumberGenerator.new()
var _happened: Array[Dictionary] = []


func _init(seed_of_chance := 1) -> void:
	_chance.seed = seed_of_chance
	_begin_round()


func edge() -> float:
	return PLATES[plate]


## 0: the outermost plate stays for now, 1: it falls at this moment.
func plate_warning() -> float:
	if plate == PLATES.size() - 1 or phase != Phase.PLAY:
		return 0.0
	return clampf((plate_s - PLATE_S + PLATE_WARNING_S) / PLATE_WARNING_S, 0.0, 1.0)


func dash(index: int) -> void:
	var marble := marbles[index]
	if phase != Phase.PLAY or marble.falling or marble.dash_pause > 0:
		return
	var direction := marble.wish if marble.wish.length() > 0.1 else marble.velocity
	if direction.is_zero_approx():
		return
	marble.velocity += direction.normalized() * DASH
	marble.dash_pause = DASH_PAUSE_S
	_tell("dash", {"who": index})


## Goes on by [param delta] seconds. What has happened, each with [code]what[/code]: go, dash, bump, fall, point, won, plate, star, heavy.
func step(delta: float) -> Array[Dictionary]:
	phase_s += delta
	match phase:
		Phase.READY when phase_s >= READY_S:
			_enter(Phase.PLAY)
			_tell("go", {})
		Phase.POINT when phase_s >= POINT_S:
			_begin_round()
		Phase.WON when phase_s >= WON_S:
			points = [0, 0]
			_begin_round()
	if phase == Phase.PLAY:
		_change_ground(delta)
	for marble in marbles:
		_move(marble, delta)
	_collide()
	_catch_star()
	_judge()
	var told := _happened
	_happened = []
	return told


func _begin_round() -> void:
	for index in 2:
		var marble := Marble.new()
		marble.position = Vector2(-4.0 if index == 0 else 4.0, 0)
		marbles[index] = marble
	plate = 0
	plate_s = 0.0
	star = null
	_star_s = 0.0
	_enter(Phase.READY)


func _enter(next: Phase) -> void:
	phase = next
	phase_s = 0.0


func _change_ground(delta: float) -> void:
	plate_s += delta
	if plate < PLATES.size() - 1 and plate_s >= PLATE_S:
		_tell("plate", {"plate": plate})
		plate += 1
		plate_s = 0.0
		if star != null and star.length() > edge():
			star = null
	_star_s += delta
	if star == null and _star_s >= STAR_EVERY_S:
		_star_s = 0.0
		star = Vector2.from_angle(_chance.randf_range(0, TAU)) * edge() * sqrt(_chance.randf()) * 0.8
		_tell("star", {"at": star})


func _move(marble: Marble, delta: float) -> void:
	marble.dash_pause = maxf(marble.dash_pause - delta, 0)
	marble.heavy_s = maxf(marble.heavy_s - delta, 0)
	if marble.falling:
		marble.fall_speed += GRAVITY * delta
		marble.height -= marble.fall_speed * delta
	elif phase != Phase.READY:
		marble.velocity += marble.wish.limit_length() * PUSH * delta
	marble.velocity *= exp(-DRAG * delta)
	marble.position += marble.velocity * delta


func _collide() -> void:
	var a := marbles[0]
	var b := marbles[1]
	var apart := b.position - a.position
	var near := a.radius() + b.radius()
	var distance := apart.length()
	if distance >= near or absf(a.height - b.height) >= near:
		return
	var normal := apart / distance if distance > 0.001 else Vector2.RIGHT
	var total := a.mass() + b.mass()
	var overlap := near - distance
	a.position -= normal * overlap * b.mass() / total
	b.position += normal * overlap * a.mass() / total
	var closing := (a.velocity - b.velocity).dot(normal)
	if closing <= 0:
		return
	var impulse := (1 + BOUNCE) * closing * a.mass() * b.mass() / total
	a.velocity -= normal * impulse / a.mass()
	b.velocity += normal * impulse / b.mass()
	_tell("bump", {"strength": closing, "at": a.position + normal * a.radius()})


func _catch_star() -> void:
	if star == null:
		return
	for index in 2:
		var marble := marbles[index]
		if not marble.falling and marble.position.distance_to(star) < marble.radius() + STAR_RADIUS:
			star = null
			_star_s = 0.0
			marble.heavy_s = HEAVY_S
			_tell("heavy", {"who": index, "at": marble.position})
			return


func _judge() -> void:
	var fell: Array[int] = []
	for index in 2:
		var marble := marbles[index]
		if not marble.falling and marble.position.length() > edge() + marble.radius() * 0.25:
			marble.falling = true
			fell.append(index)
			_tell("fall", {"who": index})
	if phase != Phase.PLAY or fell.is_empty():
		return
	winner = 1 - fell[0] if fell.size() == 1 else -1
	_enter(Phase.POINT)
	if winner < 0:
		return
	points[winner] += 1
	if points[winner] >= GOAL:
		_enter(Phase.WON)
		_tell("won", {"who": winner})
	else:
		_tell("point", {"who": winner})


func _tell(what: String, more: Dictionary) -> void:
	more["what"] = what
	_happened.append(more)
