/* What the machine's own language reaches: Art-Net frames assembled from one flat array and sent, as fast as they go.

   c_sender WAY SECONDS UNIVERSES PER_CONTROLLER HOST:PORT [HOST:PORT ...]
   WAY: send (one call a packet), sendmmsg (one call a controller), segments (16 packets a call, cut by the kernel)
   Prints: packets, seconds, processor seconds. One connected socket a controller; hosts are used in turn. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

enum { HEADER = 18, SLOTS = 510, PACKET = HEADER + SLOTS, TURN = 16, MOST = 1024, SEGMENT_OPTION = 103 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static double cpu(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

static int linked(const char *where) {
    char host[64];
    const char *colon = strchr(where, ':');
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(colon + 1))};
    int size = 4 << 20, end = socket(AF_INET, SOCK_DGRAM, 0);
    snprintf(host, sizeof host, "%.*s", (int)(colon - where), where);
    inet_pton(AF_INET, host, &to.sin_addr);
    setsockopt(end, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    return connect(end, (struct sockaddr *)&to, sizeof to) ? -1 : end;
}

static void segments(int end, uint8_t *first, int count) {
    uint16_t size = PACKET;
    char control[CMSG_SPACE(sizeof size)] = {0};
    struct iovec piece = {first, (size_t)count * PACKET};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *about = CMSG_FIRSTHDR(&message);
    about->cmsg_level = IPPROTO_UDP;
    about->cmsg_type = SEGMENT_OPTION;
    about->cmsg_len = CMSG_LEN(sizeof size);
    memcpy(CMSG_DATA(about), &size, sizeof size);
    sendmsg(end, &message, 0);
}

int main(int argc, char **argv) {
    const char *way = argv[1];
    double seconds = atof(argv[2]);
    int universes = atoi(argv[3]), each = atoi(argv[4]), controllers = (universes + each - 1) / each;
    uint8_t *packets = calloc(universes, PACKET), *levels[2], sequence = 0;
    static struct mmsghdr headers[MOST];
    static struct iovec pieces[MOST];
    int ends[MOST];
    if (argc < 6 || universes > MOST || !packets) return 2;
    for (int c = 0; c < controllers; c++)
        if ((ends[c] = linked(argv[5 + c % (argc - 5)])) < 0) return 1;
    for (int k = 0; k < 2; k++) {
        levels[k] = malloc((size_t)universes * SLOTS);
        for (int i = 0; i < universes * SLOTS; i++) levels[k][i] = rand();
    }
    for (int u = 0; u < universes; u++) {
        uint8_t *p = packets + u * PACKET;
        memcpy(p, "Art-Net\0\0\x50\0\x0e", 12);
        p[14] = u & 255, p[15] = u >> 8, p[16] = SLOTS >> 8, p[17] = SLOTS & 255;
        pieces[u] = (struct iovec){p, PACKET};
        headers[u].msg_hdr = (struct msghdr){.msg_iov = pieces + u, .msg_iovlen = 1};
    }
    double began = now(), used = cpu();
    long sent = 0;
    for (long frame = 0; now() - began < seconds; frame++) {
        sequence = sequence % 255 + 1;
        for (int u = 0; u < universes; u++) {
            packets[u * PACKET + 12] = sequence;
            memcpy(packets + u * PACKET + HEADER, levels[frame & 1] + u * SLOTS, SLOTS);
        }
        for (int turn = 0; turn * TURN < each; turn++)
            for (int c = 0; c < controllers; c++) {
                int first = c * each + turn * TURN, last = first + TURN, most = (c + 1) * each;
                if (last > most) last = most;
                if (last > universes) last = universes;
                if (last <= first) continue;
                if (!strcmp(way, "segments"))
                    segments(ends[c], packets + first * PACKET, last - first);
                else if (!strcmp(way, "sendmmsg"))
                    sendmmsg(ends[c], headers + first, last - first, 0);
                else
                    for (int u = first; u < last; u++) send(ends[c], packets + u * PACKET, PACKET, 0);
                sent += last - first;
            }
    }
    printf("%ld %.6f %.6f\n", sent, now() - began, cpu() - used);
    return 0;
}
