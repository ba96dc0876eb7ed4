package dev.tidemark.oracle;

import dev.tidemark.oracle.judge.Operation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Draws operations by weight and drafts them; those that the server does not know are drawn once and no more. */
final class ObservedComposer implements Composer {
    private static final Set<Operation> BIG = Set.of(Operation.SET_1MB, Operation.SET_5MB, Operation.HSET_1MB);
    /** A big value is rarer still than the least weight: one draw in so many is granted. */
    private static final int BIG_DRAWS_GRANTED_ONE_IN = 4;

    private final OwnKeys keys;
    private final Random random;
    private final boolean bigValues;
    private final List<Recipe> urn = new ArrayList<>();
    private final Set<Operation> unsupported = EnumSet.noneOf(Operation.class);

    ObservedComposer(OwnKeys keys, Random random, boolean bigValues) {
        this.keys = keys;
        this.random = random;
        this.bigValues = bigValues;
        List<Recipe> recipes = new ArrayList<>();
        recipes.addAll(StringRecipes.all());
        recipes.addAll(HashRecipes.all());
        recipes.addAll(ListAndSetRecipes.all());
        recipes.addAll(new SortedSetAndStreamRecipes().all());
        recipes.addAll(KeyRecipes.all());
        recipes.addAll(FieldExpiryRecipes.all());
        recipes.addAll(VectorSetRecipes.all());
        for (Recipe recipe : recipes) {
            for (int i = 0; i < recipe.weight(); i++) {
                urn.add(recipe);
            }
        }
    }

    @Override
    public Batch compose(RedisConnection connection, ServerFacts server, long nowMillis, int opsMax)
            throws IOException {
        List<Draft> drafts = new ArrayList<>();
        try {
            for (int i = 0; i < opsMax; i++) {
                draft(connection, nowMillis, drafts);
            }
        } catch (IOException | RuntimeException broken) {
            drafts.forEach(Draft::release);
            throw broken;
        }
        return new ObservedBatch(drafts, keys, new Observation(server), unsupported);
    }

    @Override
    public OwnKeys keys() {
        return keys;
    }

    private void draft(RedisConnection connection, long nowMillis, List<Draft> drafts) throws IOException {
        Recipe recipe = urn.get(random.nextInt(urn.size()));
        Operation operation = recipe.operation();
        if (unsupported.contains(operation)) {
            return;
        }
        if (BIG.contains(operation) && (!bigValues || random.nextInt(BIG_DRAWS_GRANTED_ONE_IN) != 0)) {
            return;
        }
        Draft draft = new Draft(operation, keys, random, connection, nowMillis);
        try {
            recipe.writing().write(draft);
            drafts.add(draft);
        } catch (Draft.NoKeyFree another) {
            draft.release();
        } catch (IOException | RuntimeException broken) {
            draft.release();
            throw broken;
        }
    }
}
