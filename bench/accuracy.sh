#!/bin/sh
# accuracy.sh LIDO [MODEL...] - the accuracy of the ready networks: trains each as its spec says, once
# for each of $SEEDS (default: 1 2 3), and prints a row of the README's table for it. Data sets are
# found as always ($LIDO_DATA, ./data, the cache); a network whose set is not there is left out.
# $THREADS (default: all cores) changes the time and nothing else.
set -eu
usage="usage: accuracy.sh LIDO [MODEL...]"
lido=${1:?$usage}
shift
models=$(cd "$(dirname "$0")/../models" && pwd)
[ $# -gt 0 ] || set -- lenet5 lenet5-avg keras-mnist keras-mnist-avg keras-mnist-strided \
    keras-mnist-gap keras-mnist-gem keras-mnist-gated fractional-max spp-net svhn vgg-small all-conv \
    nin resnet-small se-resnet resnet-antialias alexnet-small stochastic-pool googlenet-small \
    segnet-small unet-small
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# member NAME: the number or text of that name in a line of JSON.
member() {
    sed -n "s/.*\"$1\":\"\{0,1\}\([^,\"}]*\).*/\1/p"
}

echo "| network | parameters | data | epochs | test accuracy | each seed | time of one |"
echo "| --- | --- | --- | --- | --- | --- | --- |"
for model in "$@"; do
    spec=$models/$model.json
    set_name=$($lido describe "$spec" --resolved --json 2>/dev/null | sed -n 's/.*"data":"\([^"]*\)".*/\1/p')
    if ! $lido data list --json 2>/dev/null | grep -q "\"name\":\"$set_name\"[^}]*\"path\""; then
        echo "$model: the data set $set_name is not here" >&2
        continue
    fi
    : >"$work/results"
    for seed in ${SEEDS:-1 2 3}; do
        $lido train "$spec" --seed "$seed" --out "$work/run" --json \
            ${THREADS:+--threads "$THREADS"} 2>"$work/log" >>"$work/results" || {
            cat "$work/log" >&2
            exit 1
        }
        rm -rf "$work/run"
    done
    epochs=$(member epochs <"$work/results" | sed -n 1p)
    parameters=$(member parameters <"$work/results" | sed -n 1p)
    member test_accuracy <"$work/results" >"$work/accuracies"
    member seconds <"$work/results" >"$work/seconds"
    paste "$work/accuracies" "$work/seconds" | awk -v model="$model" -v parameters="$parameters" \
        -v set_name="$set_name" -v epochs="$epochs" '
        {
            accuracy[NR] = $1; mean += $1; seconds += $2
            each = each sprintf("%s%.2f", NR > 1 ? ", " : "", 100 * $1)
        }
        END {
            mean /= NR
            for (i in accuracy) squares += (accuracy[i] - mean) ^ 2
            deviation = NR > 1 ? sqrt(squares / (NR - 1)) : 0
            printf "| `%s` | %d | %s | %d | %.2f ± %.2f %% | %s | %.0f s |\n", model, parameters, set_name,
                epochs, 100 * mean, 100 * deviation, each, seconds / NR
        }'
done
