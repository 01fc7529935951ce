/* An OpenGL or OpenGL ES device without a window (EGL, surfaceless), current on the render thread. */
#define EGL_NO_X11
#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GL/glcorearb.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "internal.h"
#include "picture.h"

#define EGL_FUNCTIONS(X) \
    X(PFNEGLGETPLATFORMDISPLAYPROC, eglGetPlatformDisplay) X(PFNEGLINITIALIZEPROC, eglInitialize) \
    X(PFNEGLBINDAPIPROC, eglBindAPI) X(PFNEGLCHOOSECONFIGPROC, eglChooseConfig) \
    X(PFNEGLCREATECONTEXTPROC, eglCreateContext) X(PFNEGLMAKECURRENTPROC, eglMakeCurrent) \
    X(PFNEGLDESTROYCONTEXTPROC, eglDestroyContext) X(PFNEGLTERMINATEPROC, eglTerminate)

#define GL_FUNCTIONS(X) \
    X(PFNGLGENTEXTURESPROC, glGenTextures) X(PFNGLBINDTEXTUREPROC, glBindTexture) X(PFNGLTEXIMAGE2DPROC, glTexImage2D) \
    X(PFNGLTEXPARAMETERIPROC, glTexParameteri) X(PFNGLDELETETEXTURESPROC, glDeleteTextures) \
    X(PFNGLGENFRAMEBUFFERSPROC, glGenFramebuffers) X(PFNGLBINDFRAMEBUFFERPROC, glBindFramebuffer) \
    X(PFNGLFRAMEBUFFERTEXTURE2DPROC, glFramebufferTexture2D) X(PFNGLDELETEFRAMEBUFFERSPROC, glDeleteFramebuffers) \
    X(PFNGLENABLEPROC, glEnable) X(PFNGLDISABLEPROC, glDisable) X(PFNGLSCISSORPROC, glScissor) \
    X(PFNGLCLEARCOLORPROC, glClearColor) X(PFNGLCLEARPROC, glClear) X(PFNGLFLUSHPROC, glFlush) X(PFNGLFINISHPROC, glFinish) \
    X(PFNGLGETERRORPROC, glGetError) X(PFNGLGETINTEGERVPROC, glGetIntegerv)

struct gl {
    void *library;
    EGLDisplay display;
    EGLContext context;
    GLuint framebuffer, textures[HOST_TEXTURES];
    GLint program_before;
#define DECLARE(type, name) type name;
    EGL_FUNCTIONS(DECLARE) GL_FUNCTIONS(DECLARE)
#undef DECLARE
};

static struct gl *gl_of(struct host *host) { return host->device; }

static const char *open_context(struct gl *gl, bool es) {
    gl->library = dlopen("libEGL.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!gl->library) return "no libEGL.so.1 here";
    PFNEGLGETPROCADDRESSPROC address;
    *(void **)&address = dlsym(gl->library, "eglGetProcAddress");
    if (!address) return "libEGL.so.1 has no eglGetProcAddress";
#define LOAD(type, name) \
    if (!(gl->name = (type)address(#name))) return "libEGL.so.1 lacks " #name;
    EGL_FUNCTIONS(LOAD)
    gl->display = gl->eglGetPlatformDisplay(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, NULL);
    if (!gl->display || !gl->eglInitialize(gl->display, NULL, NULL)) return "no surfaceless EGL display here";
    if (!gl->eglBindAPI(es ? EGL_OPENGL_ES_API : EGL_OPENGL_API)) return "EGL has no such API here";
    const EGLint core[] = {EGL_CONTEXT_MAJOR_VERSION, 4, EGL_CONTEXT_MINOR_VERSION, 5,
                           EGL_CONTEXT_OPENGL_PROFILE_MASK, EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT, EGL_NONE};
    const EGLint embedded[] = {EGL_CONTEXT_MAJOR_VERSION, 3, EGL_CONTEXT_MINOR_VERSION, 1, EGL_NONE};
    gl->context = gl->eglCreateContext(gl->display, EGL_NO_CONFIG_KHR, EGL_NO_CONTEXT, es ? embedded : core);
    if (!gl->context) return "no such OpenGL context here";
    if (!gl->eglMakeCurrent(gl->display, EGL_NO_SURFACE, EGL_NO_SURFACE, gl->context)) return "no context without a surface here";
    GL_FUNCTIONS(LOAD)
#undef LOAD
    return NULL;
}

static bool make(struct host *host, char why[HOST_TEXT]) {
    struct gl *gl = calloc(1, sizeof *gl);
    if (!gl) abort();
    const char *missing = open_context(gl, host->options.renderer == RENDERER_GLES3);
    if (missing) {
        snprintf(why, HOST_TEXT, "%s", missing);
        free(gl);
        return false;
    }
    gl->glGenFramebuffers(1, &gl->framebuffer);
    host->device = gl;
    return true;
}

static void wait_idle(struct host *host) { gl_of(host)->glFinish(); }

static void destroy(struct host *host) {
    struct gl *gl = gl_of(host);
    gl->glFinish();
    gl->glDeleteTextures(HOST_TEXTURES, gl->textures);
    gl->glDeleteFramebuffers(1, &gl->framebuffer);
    gl->eglMakeCurrent(gl->display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
    gl->eglDestroyContext(gl->display, gl->context);
    gl->eglTerminate(gl->display);
    dlclose(gl->library);
    free(gl);
    host->device = NULL;
}

static void texture(struct host *host, uint32_t index, uint32_t width, uint32_t height) {
    struct gl *gl = gl_of(host);
    gl->glDeleteTextures(1, &gl->textures[index]);
    gl->textures[index] = 0;
    if (!width) return;
    gl->glGenTextures(1, &gl->textures[index]);
    gl->glBindTexture(GL_TEXTURE_2D, gl->textures[index]);
    gl->glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, (GLsizei)width, (GLsizei)height, 0, GL_RGBA, GL_UNSIGNED_BYTE, NULL);
    gl->glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
    gl->glBindTexture(GL_TEXTURE_2D, 0);
}

static void *native(struct host *host, uint32_t index) { return (void *)(uintptr_t)gl_of(host)->textures[index]; }

static void begin(struct host *host) { (void)host; }

static void draw(struct host *host, uint32_t index, uint64_t number) {
    struct gl *gl = gl_of(host);
    struct picture_rect rects[PICTURE_RECTS];
    const uint32_t count = picture_rects(number, host->textures[index].width, host->textures[index].height, rects);
    gl->glBindFramebuffer(GL_FRAMEBUFFER, gl->framebuffer);
    gl->glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, gl->textures[index], 0);
    gl->glEnable(GL_SCISSOR_TEST);
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *rgba = rects[i].rgba;
        gl->glScissor((GLint)rects[i].x, (GLint)rects[i].y, (GLsizei)rects[i].width, (GLsizei)rects[i].height);
        gl->glClearColor((float)rgba[0] / 255, (float)rgba[1] / 255, (float)rgba[2] / 255, (float)rgba[3] / 255);
        gl->glClear(GL_COLOR_BUFFER_BIT);
    }
    gl->glDisable(GL_SCISSOR_TEST);
}

static void before_event(struct host *host, int id) {
    (void)id;
    struct gl *gl = gl_of(host);
    while (gl->glGetError() != GL_NO_ERROR) violation("the host itself has left an error of OpenGL");
    gl->glGetIntegerv(GL_CURRENT_PROGRAM, &gl->program_before);
}

static void after_event(struct host *host) {
    struct gl *gl = gl_of(host);
    GLint program = 0, bound = 0;
    gl->glGetIntegerv(GL_CURRENT_PROGRAM, &program);
    gl->glGetIntegerv(GL_FRAMEBUFFER_BINDING, &bound);
    const GLenum error = gl->glGetError();
    if (error != GL_NO_ERROR) violation("OpenGL error 0x%x after the event", error);
    if (program != gl->program_before) violation("another program is in use after the event");
    if (bound != 0 && bound != (GLint)gl->framebuffer) violation("another framebuffer is bound after the event");
}

static void end(struct host *host) { gl_of(host)->glFlush(); }

const struct gpu gl_gpu = {make, destroy, wait_idle, texture, native, begin, draw, before_event, after_event, end};
