# Gradients say most in double: what computes them is tested in both precisions.
foreach(name loss net gradcheck weights borrow)
    lido_test(net net/test_${name}.c "-f64")
endforeach()
