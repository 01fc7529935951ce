extends RefCounted
## Plays where nobody sits: stays away from the edge, fetches stars, and pushes the other one outwards.

const Arena := preload("arena.gd")

## How far from the middle it still feels safe, as a part of the plate, and how hard it leans.
const SAFE := 0.7
const EAGER := 0.75
const DASH_NEAR := 3.2


static func wish(arena: Arena, me: int) -> Vector2:
	var own := arena.marbles[me]
	var other := arena.marbles[1 - me]
	var soon := own.position + own.velocity * 0.45
	if soon.length() > arena.edge() * SAFE:
		return -soon.normalized()
	var goal := other.position + other.velocity * 0.25
	if other.falling:
		goal = Vector2.ZERO
	elif arena.star != null and own.position.distance_to(arena.star) < own.position.distance_to(goal):
		goal = arena.star
	return (goal - own.position).limit_length() * EAGER


static func dashes(arena: Arena, me: int) -> bool:
	var own := arena.marbles[me]
	var other := arena.marbles[1 - me]
	var way := other.position - own.position
	if other.falling or way.length() > DASH_NEAR:
		return false
	# Only where it pushes outwards, and leaves itself room to stop.
	var outwards := other.position.length() > own.position.length() + 0.5
	return outwards and (own.position + way).length() < arena.edge() * SAFE * 1.2
