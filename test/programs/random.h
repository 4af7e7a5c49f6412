// Random numbers that a seed decides, as those of test/fuzz/random.ts.
#include <stdint.h>

static uint32_t random_state;

static uint32_t any(void)
{
	uint32_t t = random_state += 0x6d2b79f5;

	t = (t ^ t >> 15) * (t | 1);
	t ^= t + (t ^ t >> 7) * (t | 61);
	return t ^ t >> 14;
}

static uint32_t below(uint32_t end)
{
	return any() % end;
}
