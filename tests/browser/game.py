"""A game of pygame's for tests: red, green while W is held, blue where the mouse was pressed in the right half; and a tone."""

import array

import pygame

pygame.init()
screen = pygame.display.set_mode((320, 180))
clock = pygame.time.Clock()
wave = array.array("h", ((4000 if i // 50 % 2 else -4000) for i in range(88200) for _ in range(2)))
pygame.mixer.Sound(buffer=wave).play(loops=-1)
color = "red"
running = True
while running:
    for event in pygame.event.get():
        if event.type == pygame.MOUSEBUTTONDOWN and event.button == 1 and event.pos == pygame.mouse.get_pos():
            color = "blue" if event.pos[0] > 160 else "red"
        if event.type == pygame.KEYDOWN and event.key == pygame.K_q:
            running = False
    screen.fill("green1" if pygame.key.get_pressed()[pygame.K_w] else color)
    pygame.display.flip()
    clock.tick(30)
pygame.quit()
