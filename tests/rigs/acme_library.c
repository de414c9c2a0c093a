/* The C interface of a maker that does not exist: a potentiostat across a resistor of 100 ohm.

   It writes its output state into the file that it was opened with, so that a test sees what was on
   when its process was gone. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OHM 100.0

static char state_file[512];
static int open_, output, mode; /* mode 0: current, 1: voltage */
static double value, limit;

static void tell(void)
{
    FILE *file = fopen(state_file, "w");
    if (file) {
        fprintf(file, "%d", output);
        fclose(file);
    }
}

int acme_open(const char *path)
{
    if (!path || !*path || strlen(path) >= sizeof state_file)
        return -2;
    strcpy(state_file, path);
    open_ = 1;
    printf("ACME library 3.1 (c)\n"); /* as libraries do */
    fflush(stdout);
    tell();
    return 0;
}

int acme_model(char *into, int size)
{
    if (!open_)
        return -1;
    snprintf(into, size, "PS-7;SN0042;3.1");
    return 0;
}

int acme_set(int what, double to, double within)
{
    if (what < 0 || what > 1 || within <= 0.0)
        return -3;
    mode = what;
    value = to;
    limit = within;
    return 0;
}

int acme_output(int on)
{
    if (!open_)
        return -1;
    output = on != 0;
    tell();
    return 0;
}

int acme_is_on(void) { return output; }

/* 1 where it is at its limit. */
int acme_read(double *amps, double *volts)
{
    double held = mode == 0 ? value * OHM : value / OHM;
    double most = held < 0 ? -limit : limit;
    int limited = (held < 0 ? -held : held) > limit;
    double other = limited ? most : held;

    if (getenv("ACME_CRASH"))
        abort();
    if (mode == 0) {
        *volts = other;
        *amps = limited ? other / OHM : value;
    } else {
        *amps = other;
        *volts = limited ? other * OHM : value;
    }
    if (!output)
        *amps = *volts = 0.0;
    return limited;
}
