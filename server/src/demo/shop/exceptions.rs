//! Exceptions that happen in the shop, each with the stack trace that its language prints.

/// What was thrown.
#[derive(Clone, Copy)]
pub(crate) struct Exception {
    pub(crate) kind: &'static str,
    pub(crate) message: &'static str,
    pub(crate) stack: &'static str,
}

pub(crate) const CARD_COMPANY_UNAVAILABLE: Exception = Exception {
    kind: "shop.payment.ProviderUnavailableException",
    message: "paybridge answered 503 Service Unavailable",
    stack: "shop.payment.ProviderUnavailableException: paybridge answered 503 Service Unavailable\n\
        \tat shop.payment.provider.PayBridgeClient.charge(PayBridgeClient.kt:118)\n\
        \tat shop.payment.ChargeService$authorise$2.invokeSuspend(ChargeService.kt:64)\n\
        \tat kotlin.coroutines.jvm.internal.BaseContinuationImpl.resumeWith(ContinuationImpl.kt:33)\n\
        \tat kotlinx.coroutines.DispatchedTask.run(DispatchedTask.kt:101)\n\
        Caused by: java.io.IOException: unexpected status 503\n\
        \tat shop.payment.provider.HttpTransport.send(HttpTransport.kt:47)\n\
        \t... 4 more\n",
};

pub(crate) const PAYMENT_GAVE_UP: Exception = Exception {
    kind: "shop::checkout::PaymentError",
    message: "payment failed after 3 attempts: upstream unavailable",
    stack: "payment failed after 3 attempts\n\nCaused by:\n    0: POST http://payment:8082/charges\n    1: status 503\n\n\
        Stack backtrace:\n   0: checkout::payment::charge\n             at ./src/payment.rs:142:17\n   \
        1: checkout::place_order::{{closure}}\n             at ./src/place_order.rs:88:9\n   \
        2: tonic::server::grpc::Grpc<T>::unary\n",
};

pub(crate) const MODEL_HAS_WRONG_SHAPE: Exception = Exception {
    kind: "ValueError",
    message: "operands could not be broadcast together with shapes (64,) (128,)",
    stack: "Traceback (most recent call last):\n  File \"/srv/recommendation/api.py\", line 57, in list_similar\n    \
        scores = ranker.score(basket, candidates)\n  File \"/srv/recommendation/ranker.py\", line 131, in score\n    \
        return self.weights * features\n           ~~~~~~~~~~~~~^~~~~~~~~~\n\
        ValueError: operands could not be broadcast together with shapes (64,) (128,)\n",
};

pub(crate) const OUT_OF_STOCK: Exception = Exception {
    kind: "*inventory.OutOfStockError",
    message: "sku TEA-0417: wanted 2, available 0",
    stack: "goroutine 8123 [running]:\nshop/inventory.(*Store).Reserve(0xc0004a2000, {0xc00071e0a0, 0x2})\n\
        \t/src/inventory/store.go:211 +0x3d1\nshop/inventory.(*Server).Reserve(0xc000122f00)\n\
        \t/src/inventory/server.go:74 +0x1a5\n",
};

pub(crate) const MAILBOX_REFUSED: Exception = Exception {
    kind: "Net::SMTPFatalError",
    message: "550 5.1.1 mailbox does not exist",
    stack: "/srv/email/vendor/net-smtp/lib/net/smtp.rb:1003:in 'Net::SMTP#check_response': \
        550 5.1.1 mailbox does not exist (Net::SMTPFatalError)\n\
        \tfrom /srv/email/app/jobs/order_mail.rb:31:in 'OrderMail#perform'\n\
        \tfrom /srv/email/app/consumer.rb:18:in 'block in Consumer#run'\n",
};

pub(crate) const PRICE_IS_NULL: Exception = Exception {
    kind: "TypeError",
    message: "Unsupported operand types: null * float",
    stack: "TypeError: Unsupported operand types: null * float in /srv/pricing/src/Discount.php:92\nStack trace:\n\
        #0 /srv/pricing/src/Quote.php(41): Shop\\Pricing\\Discount->apply(NULL, 0.15)\n\
        #1 /srv/pricing/public/index.php(27): Shop\\Pricing\\Quote->total(Array)\n#2 {main}",
};
