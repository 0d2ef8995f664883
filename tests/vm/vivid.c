/* Drives the kernel's test camera `vivid` in the emulated machine.
 *
 *   vivid list NODE                    every control
 *   vivid set NODE NAME [VALUE]        sets a control by its name; a button needs no value
 *   vivid slow NODE                    1280x720 at 24 a second and not 60, on an HDMI node
 *   vivid feed NODE FILE W H SECONDS   shows the YUYV pictures of FILE on an output node, 20 a second, over and over
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/v4l2-dv-timings.h>
#include <linux/videodev2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static void fail(const char *what) { fprintf(stderr, "vivid: %s: %s\n", what, strerror(errno)); exit(1); }

static int controls(int fd, const char *wanted, int value) {
    struct v4l2_query_ext_ctrl query = {.id = V4L2_CTRL_FLAG_NEXT_CTRL};
    for (; ioctl(fd, VIDIOC_QUERY_EXT_CTRL, &query) == 0; query.id |= V4L2_CTRL_FLAG_NEXT_CTRL) {
        if (!wanted) printf("%08x %u %s\n", query.id, query.type, query.name);
        else if (!strcmp(query.name, wanted)) {
            struct v4l2_control control = {.id = query.id, .value = value};
            if (ioctl(fd, VIDIOC_S_CTRL, &control)) fail(wanted);
            return 0;
        }
    }
    if (!wanted) return 0;
    fprintf(stderr, "vivid: no control '%s'\n", wanted);
    return 1;
}

static int slow(int fd) {
    struct v4l2_dv_timings timings = V4L2_DV_BT_CEA_1280X720P24;
    if (ioctl(fd, VIDIOC_S_DV_TIMINGS, &timings)) fail("timings");
    return 0;
}

static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + t.tv_nsec / 1e9; }

static int feed(int fd, const char *file, unsigned width, unsigned height, double seconds) {
    unsigned size = width * height * 2;
    FILE *in = fopen(file, "rb");
    if (!in) fail(file);
    fseek(in, 0, SEEK_END);
    unsigned pictures = ftell(in) / size;
    rewind(in);
    unsigned char *data = malloc((size_t)pictures * size);
    if (!pictures || fread(data, size, pictures, in) != pictures) fail("reading");
    struct v4l2_format format = {.type = V4L2_BUF_TYPE_VIDEO_OUTPUT};
    format.fmt.pix.width = width;
    format.fmt.pix.height = height;
    format.fmt.pix.pixelformat = V4L2_PIX_FMT_YUYV;
    format.fmt.pix.field = V4L2_FIELD_NONE;
    format.fmt.pix.colorspace = V4L2_COLORSPACE_SRGB;
    if (ioctl(fd, VIDIOC_S_FMT, &format)) fail("format");
    printf("feeds %ux%u, %u pictures\n", format.fmt.pix.width, format.fmt.pix.height, pictures);
    fflush(stdout);
    if (format.fmt.pix.width != width || format.fmt.pix.height != height) return 1;
    struct v4l2_requestbuffers request = {.count = 4, .type = format.type, .memory = V4L2_MEMORY_MMAP};
    if (ioctl(fd, VIDIOC_REQBUFS, &request)) fail("buffers");
    unsigned char *maps[8];
    for (unsigned i = 0; i < request.count && i < 8; i++) {
        struct v4l2_buffer buffer = {.index = i, .type = format.type, .memory = V4L2_MEMORY_MMAP};
        if (ioctl(fd, VIDIOC_QUERYBUF, &buffer)) fail("buffer");
        maps[i] = mmap(0, buffer.length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, buffer.m.offset);
        if (maps[i] == MAP_FAILED) fail("mapping");
        memcpy(maps[i], data, size);
        buffer.bytesused = size;
        buffer.field = V4L2_FIELD_NONE;
        if (ioctl(fd, VIDIOC_QBUF, &buffer)) fail("queueing");
    }
    int type = format.type;
    if (ioctl(fd, VIDIOC_STREAMON, &type)) fail("streaming");
    unsigned long shown = 0;
    for (double end = now() + seconds; now() < end;) {
        struct v4l2_buffer buffer = {.type = format.type, .memory = V4L2_MEMORY_MMAP};
        if (ioctl(fd, VIDIOC_DQBUF, &buffer)) {
            if (errno != EAGAIN) fail("taking back");
            usleep(5000);
            continue;
        }
        shown++;
        memcpy(maps[buffer.index], data + (size_t)(shown / 20 % pictures) * size, size);
        buffer.bytesused = size;
        buffer.field = V4L2_FIELD_NONE;
        if (ioctl(fd, VIDIOC_QBUF, &buffer)) fail("queueing");
    }
    printf("fed %lu\n", shown);
    return 0;
}

int main(int argc, char **argv) {
    if (argc < 3) { fprintf(stderr, "usage: vivid list|set|slow|feed NODE ...\n"); return 2; }
    int fd = open(argv[2], O_RDWR | O_NONBLOCK);
    if (fd < 0) fail(argv[2]);
    if (!strcmp(argv[1], "list")) return controls(fd, 0, 0);
    if (!strcmp(argv[1], "set") && argc >= 4) return controls(fd, argv[3], argc > 4 ? atoi(argv[4]) : 1);
    if (!strcmp(argv[1], "slow")) return slow(fd);
    if (!strcmp(argv[1], "feed") && argc == 7) return feed(fd, argv[3], atoi(argv[4]), atoi(argv[5]), atof(argv[6]));
    return 2;
}
