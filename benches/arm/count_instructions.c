/* A QEMU plugin that counts the guest's instructions, and prints their number when the program ends.
 *
 * QEMU's header is in no Debian package; what is needed of version 1 of the interface is declared here.
 *     gcc -O2 -shared -fPIC -o libcount.so count_instructions.c
 *     qemu-aarch64 -cpu cortex-a72 -plugin ./libcount.so -d plugin PROGRAM
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_info;
enum flags { NO_REGISTERS = 0 };

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *, void (*)(unsigned, void *), enum flags, void *);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, void *), void *);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

enum { MOST_THREADS = 256 };
/* One counter a thread, each on a cache line of its own. */
static struct { _Alignas(64) uint64_t count; } counters[MOST_THREADS];

static void block_runs(unsigned thread, void *instructions) {
    counters[thread % MOST_THREADS].count += (uintptr_t)instructions;
}

static void block_is_translated(qemu_plugin_id_t id, struct qemu_plugin_tb *block) {
    (void)id;
    qemu_plugin_register_vcpu_tb_exec_cb(block, block_runs, NO_REGISTERS, (void *)qemu_plugin_tb_n_insns(block));
}

static void program_ends(qemu_plugin_id_t id, void *data) {
    (void)id;
    (void)data;
    uint64_t sum = 0;
    for (int thread = 0; thread < MOST_THREADS; thread++)
        sum += counters[thread].count;
    fprintf(stderr, "guest instructions: %" PRIu64 "\n", sum);
}

__attribute__((visibility("default"))) int
qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv) {
    (void)info;
    (void)argc;
    (void)argv;
    qemu_plugin_register_vcpu_tb_trans_cb(id, block_is_translated);
    qemu_plugin_register_atexit_cb(id, program_ends, NULL);
    return 0;
}
