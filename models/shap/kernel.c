/* Shapley values of trees, for one row or millions: the arithmetic behind models/contributions.py, which explains the
   method and owns every array here.

   A row is first turned into one byte per column: how many thresholds of that column lie below the value. Every split is
   then "code above a rank". A block of neighbouring leaves has a table of contributions by the outcome of its splits; a
   leaf with too many outcomes for a table is computed directly. The tables are that same computation, done beforehand
   for one row of codes per outcome. A table is at most 16 vector registers long, so that a processor with AVX-512 looks
   up eight rows at once without touching memory.

   Every row has its own sums, added in one order: neither the batch around it, nor the number of threads, nor the
   processor's vector width changes a bit. That needs -ffp-contract=off and forbids -ffast-math. */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__clang__)
#include <immintrin.h>
#define EVERY_PROCESSOR __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#define WIDE __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl")))
#else
#define EVERY_PROCESSOR
#endif
#define INLINE static inline __attribute__((always_inline))

enum { CHUNK = 1024, LANES = 8, CODE_LANES = 64, MOST_SLOTS = 64, MOST_OUTCOMES = 256 };
enum { NUMBER, NUMBER_NOT_ZERO, CATEGORY }; /* in the second a zero is missing, as NaN is in both */

const char source_digest[] = SOURCE_DIGEST; /* of this file, given by who compiles it */

static const double ZERO = 1.0000000180025095e-35; /* LightGBM reads anything nearer to zero as zero */

typedef double Numbers __attribute__((vector_size(8 * LANES)));
typedef int64_t Integers __attribute__((vector_size(8 * LANES)));
typedef uint8_t Codes __attribute__((vector_size(CODE_LANES)));
typedef uint8_t FewCodes __attribute__((vector_size(LANES)));
typedef Numbers Anywhere __attribute__((aligned(8)));

/* Columns lie in order of feature, those with the same thresholds together. */
typedef struct {
    int64_t start;  /* first of its thresholds, or of its category bits in 32-bit words */
    int32_t feature;
    int32_t length; /* number of thresholds or of category bits */
    uint8_t mode, absent; /* absent: the code of a missing value */
} Column;

typedef struct { int32_t column; uint16_t above, weight, radix; } Split;

typedef struct {
    int64_t table; /* of its first feature; the others follow */
    int32_t splits_start, splits_stop, features_start, features_stop, leaves_start, leaves_stop;
    int32_t outcomes, stride; /* numbers in the table of one feature: the outcomes, padded to a power of two */
} Block;

typedef struct { int32_t column; uint8_t slot, first, last; } Range; /* satisfied by codes from first to last */

/* A reference says how likely each slot is satisfied where the feature is unknown: by cover ratios, or as in one row of
   a background. */
typedef struct {
    double value;
    int64_t references_start, references_stop, likely; /* likely: of the first reference; the others follow */
    int32_t ranges_start, ranges_stop, slots_start, slots_stop;
    int32_t rule; /* first of its quadrature nodes */
} Leaf;

typedef struct {
    int64_t features, columns, blocks, direct_start, leaves, wide; /* wide: may AVX-512 be used? */
    const Column *column;
    const double *threshold;
    const uint32_t *category;
    const Split *split;
    const Block *block;
    const int32_t *block_feature;
    const Leaf *leaf;
    const Range *range;
    const int32_t *slot_feature;
    const double *reference_weight, *likely, *node, *node_weight;
    double *table;
    double base;
} Trees;

/* ---- from values to codes ---- */

INLINE uint8_t outside(const uint32_t *bits, int32_t length, double value)
{
    if (!(value > -1.0 && value < (double)length))
        return 1;
    uint32_t category = (uint32_t)value;
    return !(bits[category / 32] >> (category % 32) & 1);
}

/* below[r] = how many thresholds lie below the value; `vectors` times LANES rows. */
INLINE void count_below(const double *threshold, int32_t length, const Numbers *value, Integers *below, int vectors)
{
    Integers found[4] = {{0}, {0}, {0}, {0}};
    for (int32_t i = 0; i < length; i++)
        for (int v = 0; v < vectors; v++)
            found[v] -= threshold[i] < value[v];
    for (int v = 0; v < vectors; v++)
        below[v] = found[v];
}

INLINE void encode_numbers(const Trees *t, const Column *c, const Numbers *value, Integers *below, int64_t count,
                           uint8_t *codes)
{
    const double *threshold = t->threshold + c->start, *number = (const double *)value;
    const int64_t *found = (const int64_t *)below;
    int64_t vectors = (count + LANES - 1) / LANES, v = 0;
    if (c == t->column || c[-1].mode == CATEGORY || c[-1].start != c->start) {
        for (; v + 4 <= vectors; v += 4)
            count_below(threshold, c->length, value + v, below + v, 4);
        for (; v < vectors; v++)
            count_below(threshold, c->length, value + v, below + v, 1);
    }
    for (int64_t r = 0; r < count; r++) {
        int absent = isnan(number[r]) || (c->mode == NUMBER_NOT_ZERO && number[r] == 0.0);
        codes[r] = absent ? c->absent : (uint8_t)found[r];
    }
}

INLINE int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

/* How far apart the columns of codes lie, for so many rows. */
INLINE int64_t pitch(int64_t count) { return (count + CODE_LANES - 1) / CODE_LANES * CODE_LANES; }

INLINE uint8_t *new_codes(const Trees *t, int64_t count)
{
    size_t size = (size_t)((t->columns + 1) * pitch(count));
    uint8_t *codes = aligned_alloc(CODE_LANES, size);
    return codes ? memset(codes, 0, size) : NULL;
}

/* Codes column after column. */
INLINE void encode(const Trees *t, const double *x, int64_t rows, int64_t start, int64_t count, uint8_t *codes)
{
    Numbers value[CHUNK / LANES];
    Integers below[CHUNK / LANES];
    double *number = (double *)value;
    memset(value, 0, sizeof value);
    for (int64_t i = 0; i < t->columns; i++, codes += pitch(count)) {
        const Column *c = t->column + i;
        const double *given = x + c->feature * rows + start;
        if (c->mode == CATEGORY) {
            for (int64_t r = 0; r < count; r++)
                codes[r] = outside(t->category + c->start, c->length, given[r]);
            continue;
        }
        for (int64_t r = 0; r < count; r++)
            number[r] = fabs(given[r]) <= ZERO ? 0.0 : given[r];
        encode_numbers(t, c, value, below, count, codes);
    }
}

/* ---- one leaf ---- */

INLINE int32_t slots_of(const Leaf *leaf) { return leaf->slots_stop - leaf->slots_start; }

/* met[k]: 1 where a row satisfies all splits on the leaf's k-th feature, else 0. For CODE_LANES rows, whose codes lie
   `apart` from column to column. */
INLINE void meet(const Trees *t, const Leaf *leaf, const uint8_t *codes, int64_t apart, Codes *met)
{
    for (int32_t k = 0; k < slots_of(leaf); k++)
        met[k] = (Codes){0} + 1;
    for (const Range *range = t->range + leaf->ranges_start; range < t->range + leaf->ranges_stop; range++) {
        Codes code = *(const Codes *)(codes + range->column * apart);
        met[range->slot] &= (Codes)(code >= range->first) & (Codes)(code <= range->last);
    }
}

/* The v-th LANES rows of `met` as numbers: the o of the formula. */
INLINE void spread(const Codes *met, int32_t slots, int64_t v, Numbers *o)
{
    for (int32_t k = 0; k < slots; k++)
        o[k] = __builtin_convertvector(__builtin_convertvector(((const FewCodes *)(met + k))[v], Integers), Numbers);
}

/* Is a feature in every lane satisfied neither by the row nor by the reference? Then nothing is contributed. */
INLINE int hopeless(int32_t slots, const double *likely, const Numbers *o)
{
    Numbers chance = o[0] + likely[0];
    for (int32_t k = 1; k < slots; k++)
        chance *= o[k] + likely[k];
    for (int l = 0; l < LANES; l++)
        if (chance[l] != 0.0)
            return 0;
    return 1;
}

/* factor[k] = node * o + (1 - node) * z, and before[k] = the product of the factors below k. */
INLINE void products(int32_t slots, double node, const double *likely, const Numbers *o, Numbers *factor, Numbers *before)
{
    before[0] = (Numbers){0} + 1.0;
    for (int32_t k = 0; k < slots; k++) {
        factor[k] = node * o[k] + (1.0 - node) * likely[k];
        before[k + 1] = before[k] * factor[k];
    }
}

/* value[k] += the Shapley value of the leaf's k-th feature: (o - z) * v * integral over [0, 1] of the product of the other
   features' factors, a polynomial that half as many nodes as features integrate exactly. No term is negative. */
INLINE void shapley(const Trees *t, const Leaf *leaf, const Numbers *o, Numbers *value)
{
    Numbers factor[MOST_SLOTS], before[MOST_SLOTS + 1], integral[MOST_SLOTS];
    int32_t slots = slots_of(leaf), nodes = (slots + 1) / 2;
    const double *likely = t->likely + leaf->likely;
    for (int64_t i = leaf->references_start; i < leaf->references_stop; i++, likely += slots) {
        if (hopeless(slots, likely, o))
            continue;
        memset(integral, 0, (size_t)slots * sizeof *integral);
        for (int32_t q = leaf->rule; q < leaf->rule + nodes; q++) {
            Numbers after = (Numbers){0} + t->node_weight[q];
            products(slots, t->node[q], likely, o, factor, before);
            for (int32_t k = slots - 1; k >= 0; k--) {
                integral[k] += before[k] * after;
                after *= factor[k];
            }
        }
        double scale = leaf->value * t->reference_weight[i];
        for (int32_t k = 0; k < slots; k++)
            value[k] += scale * (o[k] - likely[k]) * integral[k];
    }
}

/* ---- many rows ---- */

#ifdef WIDE
/* What eight rows find in a table that lies in `n` registers: its halves, chosen between by one bit of the outcome. */
#define PICK(n, half)                                                                                                  \
    WIDE INLINE __m512d pick##n(const __m512d *table, __m512i outcome)                                                 \
    {                                                                                                                  \
        __mmask8 upper = _mm512_test_epi64_mask(outcome, _mm512_set1_epi64(LANES * half));                             \
        return _mm512_mask_mov_pd(pick##half(table, outcome), upper, pick##half(table + half, outcome));               \
    }
WIDE INLINE __m512d pick1(const __m512d *table, __m512i outcome) { return _mm512_permutexvar_pd(outcome, table[0]); }
WIDE INLINE __m512d pick2(const __m512d *table, __m512i outcome)
{
    return _mm512_permutex2var_pd(table[0], outcome, table[1]);
}
PICK(4, 2)
PICK(8, 4)
PICK(16, 8)

#define ADD(n)                                                                                                         \
    case n * LANES: {                                                                                                  \
        __m512d held[n];                                                                                               \
        for (int i = 0; i < n; i++)                                                                                    \
            held[i] = _mm512_loadu_pd(table + i * LANES);                                                              \
        for (; r + LANES <= count; r += LANES) {                                                                       \
            __m512i found = _mm512_cvtepu8_epi64(_mm_loadl_epi64((const __m128i *)(outcome + r)));                     \
            _mm512_storeu_pd(sums + r, _mm512_add_pd(_mm512_loadu_pd(sums + r), pick##n(held, found)));                \
        }                                                                                                              \
        break;                                                                                                         \
    }
WIDE static int64_t look_up_wide(const double *table, int32_t stride, const uint8_t *outcome, int64_t count, double *sums)
{
    int64_t r = 0;
    switch (stride) { ADD(1) ADD(2) ADD(4) ADD(8) ADD(16) }
    return r;
}
#else
static int64_t look_up_wide(const double *table, int32_t stride, const uint8_t *outcome, int64_t count, double *sums)
{
    (void)table, (void)stride, (void)outcome, (void)count, (void)sums;
    return 0;
}
#endif

/* Can this processor do what `wide` asks for? */
int has_wide(void)
{
#ifdef WIDE
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")
           && __builtin_cpu_supports("avx512vl");
#else
    return 0;
#endif
}

INLINE void find_outcomes(const Trees *t, const Block *block, const uint8_t *codes, int64_t count, Codes *outcome)
{
    for (int64_t v = 0; v < pitch(count) / CODE_LANES; v++) {
        Codes found = {0};
        for (int32_t s = block->splits_start; s < block->splits_stop; s++) {
            const Codes *column = (const Codes *)(codes + t->split[s].column * pitch(count));
            found += (Codes)(column[v] > (uint8_t)t->split[s].above) & (uint8_t)t->split[s].weight;
        }
        outcome[v] = found;
    }
}

INLINE void add_tables(const Trees *t, const uint8_t *codes, int64_t rows, int64_t start, int64_t count, double *out)
{
    Codes found[CHUNK / CODE_LANES];
    const uint8_t *outcome = (const uint8_t *)found;
    for (const Block *block = t->block; block < t->block + t->blocks; block++) {
        find_outcomes(t, block, codes, count, found);
        const double *table = t->table + block->table;
        for (int32_t f = block->features_start; f < block->features_stop; f++, table += block->stride) {
            double *sums = out + t->block_feature[f] * rows + start;
            int64_t r = t->wide && count >= LANES ? look_up_wide(table, block->stride, outcome, count, sums) : 0;
            for (; r < count; r++)
                sums[r] += table[outcome[r]];
        }
    }
}

/* sums[0 .. lanes) += value */
INLINE void add(const Numbers *value, int64_t lanes, double *sums)
{
    if (lanes >= LANES) {
        *(Anywhere *)sums += *value;
        return;
    }
    for (int64_t l = 0; l < lanes; l++)
        sums[l] += (*value)[l];
}

/* sums[k] += the Shapley values of the leaf's k-th feature, for `count` rows, at most CODE_LANES. */
INLINE void add_leaf(const Trees *t, const Leaf *leaf, const uint8_t *codes, int64_t apart, int64_t count, double **sums)
{
    Codes met[MOST_SLOTS];
    Numbers o[MOST_SLOTS], value[MOST_SLOTS];
    meet(t, leaf, codes, apart, met);
    for (int64_t r = 0; r < count; r += LANES) {
        spread(met, slots_of(leaf), r / LANES, o);
        memset(value, 0, (size_t)slots_of(leaf) * sizeof *value);
        shapley(t, leaf, o, value);
        for (int32_t k = 0; k < slots_of(leaf); k++)
            add(value + k, count - r, sums[k] + r);
    }
}

INLINE void add_directly(const Trees *t, const uint8_t *codes, int64_t rows, int64_t start, int64_t count, double *out)
{
    double *sums[MOST_SLOTS];
    for (const Leaf *leaf = t->leaf + t->direct_start; leaf < t->leaf + t->leaves; leaf++)
        for (int64_t r = 0; r < count; r += CODE_LANES) {
            for (int32_t k = 0; k < slots_of(leaf); k++)
                sums[k] = out + t->slot_feature[leaf->slots_start + k] * rows + start + r;
            add_leaf(t, leaf, codes + r, pitch(count), least(count - r, CODE_LANES), sums);
        }
}

/* x and out: feature after feature, `rows` of each; rows from start to stop are done. 0 where memory is short. */
EVERY_PROCESSOR int explain(const Trees *t, const double *x, int64_t rows, int64_t start, int64_t stop, double *out,
                            double *margin)
{
    uint8_t *codes = new_codes(t, least(CHUNK, stop - start));
    if (!codes)
        return 0;
    for (; start < stop; start += CHUNK) {
        int64_t count = least(stop - start, CHUNK);
        for (int64_t f = 0; f < t->features; f++)
            memset(out + f * rows + start, 0, (size_t)count * sizeof *out);
        encode(t, x, rows, start, count, codes);
        add_tables(t, codes, rows, start, count, out);
        add_directly(t, codes, rows, start, count, out);
        for (int64_t r = start; r < start + count; r++)
            margin[r] = t->base;
        for (int64_t f = 0; f < t->features; f++)
            for (int64_t r = start; r < start + count; r++)
                margin[r] += out[f * rows + r];
    }
    free(codes);
    return 1;
}

/* ---- the tables ---- */

/* One row of codes per outcome of the block. A column's splits lie together in order of rank, and the outcome's digit for
   the column says how many of them the code is above. */
INLINE void represent(const Trees *t, const Block *block, uint8_t *codes)
{
    int32_t place = 0;
    for (int32_t s = block->splits_start; s < block->splits_stop; s++) {
        Split split = t->split[s];
        uint8_t *column = codes + split.column * MOST_OUTCOMES;
        place = s > block->splits_start && t->split[s - 1].column == split.column ? place + 1 : 1;
        for (int32_t o = 0; o < block->outcomes; o++) {
            int above = o / split.weight % split.radix >= place;
            column[o] = above ? (uint8_t)(split.above + 1) : place == 1 ? 0 : column[o];
        }
    }
}

INLINE double *table_of(const Trees *t, const Block *block, int32_t feature)
{
    int32_t place = block->features_start;
    while (t->block_feature[place] != feature)
        place++;
    return t->table + block->table + (int64_t)(place - block->features_start) * block->stride;
}

INLINE void tabulate_leaf(const Trees *t, const Block *block, const Leaf *leaf, const uint8_t *codes)
{
    double *sums[MOST_SLOTS];
    for (int64_t r = 0; r < block->outcomes; r += CODE_LANES) {
        for (int32_t k = 0; k < slots_of(leaf); k++)
            sums[k] = table_of(t, block, t->slot_feature[leaf->slots_start + k]) + r;
        add_leaf(t, leaf, codes + r, MOST_OUTCOMES, least(block->outcomes - r, CODE_LANES), sums);
    }
}

/* Fills t->table, which is all zeros. 0 where memory is short. */
EVERY_PROCESSOR int tabulate(const Trees *t)
{
    uint8_t *codes = new_codes(t, MOST_OUTCOMES);
    if (!codes)
        return 0;
    for (const Block *block = t->block; block < t->block + t->blocks; block++) {
        represent(t, block, codes);
        for (int32_t i = block->leaves_start; i < block->leaves_stop; i++)
            tabulate_leaf(t, block, t->leaf + i, codes);
    }
    free(codes);
    return 1;
}

/* ---- what is asked of few rows ---- */

/* mask, for leaves from first to last with `rows` of each: bit k says whether the row satisfies the leaf's k-th feature. */
EVERY_PROCESSOR int masks(const Trees *t, const double *x, int64_t rows, int64_t first, int64_t last, uint64_t *mask)
{
    uint8_t *codes = new_codes(t, CODE_LANES);
    if (!codes)
        return 0;
    for (int64_t start = 0; start < rows; start += CODE_LANES) {
        int64_t count = least(rows - start, CODE_LANES);
        encode(t, x, rows, start, count, codes);
        for (int64_t i = first; i < last; i++) {
            Codes met[MOST_SLOTS];
            uint64_t *found = mask + (i - first) * rows + start;
            meet(t, t->leaf + i, codes, CODE_LANES, met);
            memset(found, 0, (size_t)count * sizeof *found);
            for (int32_t k = 0; k < slots_of(t->leaf + i); k++)
                for (int64_t r = 0; r < count; r++)
                    found[r] |= (uint64_t)met[k][r] << k;
        }
    }
    free(codes);
    return 1;
}

/* The leaf's interaction of features i and j is half of (o_i - z_i)(o_j - z_j) v times the integral over the product of the
   other features' factors; both halves are added to `out`, pair after pair of features with `rows` of each. */
INLINE void interact_leaf(const Trees *t, const Leaf *leaf, const Numbers *o, int64_t lanes, int64_t rows, double *out)
{
    Numbers factor[MOST_SLOTS], before[MOST_SLOTS + 1];
    int32_t slots = slots_of(leaf), nodes = (slots + 1) / 2;
    const double *likely = t->likely + leaf->likely;
    const int32_t *feature = t->slot_feature + leaf->slots_start;
    for (int64_t n = leaf->references_start; n < leaf->references_stop; n++, likely += slots)
        for (int32_t q = leaf->rule; q < leaf->rule + nodes; q++) {
            Numbers after = (Numbers){0} + 0.5 * t->node_weight[q] * t->reference_weight[n] * leaf->value;
            products(slots, t->node[q], likely, o, factor, before);
            for (int32_t j = slots - 1; j > 0; j--) {
                Numbers between = after * (o[j] - likely[j]);
                for (int32_t i = j - 1; i >= 0; i--) {
                    Numbers half = (o[i] - likely[i]) * before[i] * between;
                    add(&half, lanes, out + (feature[i] * t->features + feature[j]) * rows);
                    add(&half, lanes, out + (feature[j] * t->features + feature[i]) * rows);
                    between *= factor[i];
                }
                after *= factor[j];
            }
        }
}

/* out, all zeros: `rows` of each ordered pair of two features. 0 where memory is short. */
EVERY_PROCESSOR int interact(const Trees *t, const double *x, int64_t rows, double *out)
{
    uint8_t *codes = new_codes(t, LANES);
    if (!codes)
        return 0;
    for (int64_t r = 0; r < rows; r += LANES) {
        int64_t lanes = least(rows - r, LANES);
        encode(t, x, rows, r, lanes, codes);
        for (const Leaf *leaf = t->leaf; leaf < t->leaf + t->leaves; leaf++) {
            Codes met[MOST_SLOTS];
            Numbers o[MOST_SLOTS];
            meet(t, leaf, codes, pitch(lanes), met);
            spread(met, slots_of(leaf), 0, o);
            interact_leaf(t, leaf, o, lanes, rows, out + r);
        }
    }
    free(codes);
    return 1;
}
